package normalise

// side says whom a Security event is about.
type side uint8

const (
	ofSubject side = iota // who did it
	ofTarget              // whose account it is
)

// act is one kind of Windows event.
type act struct{ service, id string }

// meaning is what a kind of Windows event means in the core's words.
type meaning struct {
	action     string
	categories []string
	outcome    string
	about      side
}

var (
	signIn   = []string{"authentication"}
	accounts = []string{"iam"}
	started  = []string{"process"}
	network  = []string{"network"}
	files    = []string{"file"}
	registry = []string{"registry"}
	settings = []string{"configuration"}
	libs     = []string{"process", "library"}
)

// windowsActs are the kinds of event whose meaning is known.
var windowsActs = map[act]meaning{
	{"security", "1102"}: {"log-cleared", settings, "success", ofSubject},
	{"security", "4624"}: {"logged-in", signIn, "success", ofTarget},
	{"security", "4625"}: {"logon-failed", signIn, "failure", ofTarget},
	{"security", "4634"}: {"logged-out", signIn, "success", ofTarget},
	{"security", "4647"}: {"logged-out", signIn, "success", ofTarget},
	{"security", "4648"}: {"logged-in-explicit", signIn, "", ofTarget},
	{"security", "4672"}: {"special-privileges-assigned", signIn, "success", ofSubject},
	{"security", "4688"}: {"created-process", started, "success", ofSubject},
	{"security", "4689"}: {"exited-process", started, "success", ofSubject},
	{"security", "4697"}: {"service-installed", settings, "success", ofSubject},
	{"security", "4698"}: {"scheduled-task-created", settings, "success", ofSubject},
	{"security", "4720"}: {"added-user-account", accounts, "success", ofSubject},
	{"security", "4722"}: {"enabled-user-account", accounts, "success", ofSubject},
	{"security", "4723"}: {"changed-password", accounts, "", ofSubject},
	{"security", "4724"}: {"reset-password", accounts, "", ofSubject},
	{"security", "4725"}: {"disabled-user-account", accounts, "success", ofSubject},
	{"security", "4726"}: {"deleted-user-account", accounts, "success", ofSubject},
	{"security", "4728"}: {"added-member-to-group", accounts, "success", ofSubject},
	{"security", "4732"}: {"added-member-to-group", accounts, "success", ofSubject},
	{"security", "4756"}: {"added-member-to-group", accounts, "success", ofSubject},
	{"security", "4738"}: {"modified-user-account", accounts, "success", ofSubject},
	{"security", "4740"}: {"locked-out-user-account", accounts, "success", ofTarget},
	{"security", "4768"}: {"kerberos-authentication-ticket-requested", signIn, "", ofTarget},
	{"security", "4769"}: {"kerberos-service-ticket-requested", signIn, "", ofTarget},
	{"security", "4771"}: {"kerberos-preauth-failed", signIn, "failure", ofTarget},
	{"security", "4776"}: {"credential-validated", signIn, "", ofTarget},
	{"security", "5156"}: {"connection-permitted", network, "success", ofSubject},
	{"security", "5157"}: {"connection-blocked", network, "failure", ofSubject},
	{"security", "5158"}: {"bind-permitted", network, "success", ofSubject},
	{"system", "104"}:    {"log-cleared", settings, "success", ofSubject},
	{"system", "7045"}:   {"service-installed", settings, "success", ofSubject},
	{"sysmon", "1"}:      {"created-process", started, "", ofSubject},
	{"sysmon", "3"}:      {"connected", network, "", ofSubject},
	{"sysmon", "5"}:      {"exited-process", started, "", ofSubject},
	{"sysmon", "7"}:      {"loaded-image", libs, "", ofSubject},
	{"sysmon", "8"}:      {"created-remote-thread", started, "", ofSubject},
	{"sysmon", "10"}:     {"accessed-process", started, "", ofSubject},
	{"sysmon", "11"}:     {"created-file", files, "", ofSubject},
	{"sysmon", "12"}:     {"changed-registry-key", registry, "", ofSubject},
	{"sysmon", "13"}:     {"set-registry-value", registry, "", ofSubject},
	{"sysmon", "14"}:     {"renamed-registry-key", registry, "", ofSubject},
	{"sysmon", "15"}:     {"created-stream", files, "", ofSubject},
	{"sysmon", "22"}:     {"dns-query", network, "", ofSubject},
	{"sysmon", "23"}:     {"deleted-file", files, "", ofSubject},
	{"sysmon", "26"}:     {"deleted-file", files, "", ofSubject},
}

// auditOutcome reads the audit keywords, as a number or in words.
func auditOutcome(keywords string) string {
	switch keywords {
	case "0x8020000000000000", "-9214364837600034816", "9232379236109516800", "Audit Success":
		return "success"
	case "0x8010000000000000", "-9218868437227405312", "9227875636482146304", "Audit Failure":
		return "failure"
	}
	return ""
}

// windowsLevels are the levels of Windows events.
var windowsLevels = map[string]string{"0": "information", "1": "critical", "2": "error", "3": "warning", "4": "information", "5": "verbose"}
