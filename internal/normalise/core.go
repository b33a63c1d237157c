package normalise

// core is a name of the common core (ECS). Only these may be added to what the
// sender said; another needs a decision record.
type core uint8

// The core, by what it is about.
const (
	coreTimestamp core = iota
	coreMessage
	eventKind     // "event", "alert"
	eventCategory // ECS categories: "authentication", "network", "web", "process", "file" …; may stand several times
	eventAction   // what was done, in the sender's word or ours
	eventOutcome  // "success", "failure", "unknown"
	eventCode     // the sender's number of this kind of event
	eventDataset  // the class; set by finish
	eventSeverity // number in the sender's scale
	logLevel      // "emergency" … "debug", or the sender's word in lower case
	hostName
	hostIP
	sourceIP
	sourcePort
	sourceDomain
	destinationIP
	destinationPort
	destinationDomain
	networkProtocol  // application: "dns", "http", "ssh"
	networkTransport // "tcp", "udp", "icmp", in lower case
	userName
	userDomain
	userID
	processName
	processPID
	processExecutable
	processCommandLine
	parentName
	parentExecutable
	parentCommandLine
	filePath
	fileName
	fileMD5
	fileSHA1
	fileSHA256
	urlOriginal // as it stands in the request
	urlPath
	urlDomain
	urlQuery // without the question mark
	httpMethod
	httpStatus
	userAgent
	dnsName
	dnsType
	ruleID
	ruleName
	tlsServerName
	coreCount
)

// kindOf says what a core value must look like; one that does not is not added.
type kindOf uint8

const (
	isText   kindOf = iota
	isNumber        // decimal digits, a point, a sign
	isIP            // an address of version 4 or 6
	isPort          // 0 to 65535
)

// coreField is the name and shape of a core field.
type coreField struct {
	name string
	kind kindOf
}

var coreFields = [coreCount]coreField{
	coreTimestamp:      {"@timestamp", isText},
	coreMessage:        {"message", isText},
	eventKind:          {"event.kind", isText},
	eventCategory:      {"event.category", isText},
	eventAction:        {"event.action", isText},
	eventOutcome:       {"event.outcome", isText},
	eventCode:          {"event.code", isText},
	eventDataset:       {"event.dataset", isText},
	eventSeverity:      {"event.severity", isNumber},
	logLevel:           {"log.level", isText},
	hostName:           {"host.name", isText},
	hostIP:             {"host.ip", isIP},
	sourceIP:           {"source.ip", isIP},
	sourcePort:         {"source.port", isPort},
	sourceDomain:       {"source.domain", isText},
	destinationIP:      {"destination.ip", isIP},
	destinationPort:    {"destination.port", isPort},
	destinationDomain:  {"destination.domain", isText},
	networkProtocol:    {"network.protocol", isText},
	networkTransport:   {"network.transport", isText},
	userName:           {"user.name", isText},
	userDomain:         {"user.domain", isText},
	userID:             {"user.id", isText},
	processName:        {"process.name", isText},
	processPID:         {"process.pid", isNumber},
	processExecutable:  {"process.executable", isText},
	processCommandLine: {"process.command_line", isText},
	parentName:         {"process.parent.name", isText},
	parentExecutable:   {"process.parent.executable", isText},
	parentCommandLine:  {"process.parent.command_line", isText},
	filePath:           {"file.path", isText},
	fileName:           {"file.name", isText},
	fileMD5:            {"file.hash.md5", isText},
	fileSHA1:           {"file.hash.sha1", isText},
	fileSHA256:         {"file.hash.sha256", isText},
	urlOriginal:        {"url.original", isText},
	urlPath:            {"url.path", isText},
	urlDomain:          {"url.domain", isText},
	urlQuery:           {"url.query", isText},
	httpMethod:         {"http.request.method", isText},
	httpStatus:         {"http.response.status_code", isNumber},
	userAgent:          {"user_agent.original", isText},
	dnsName:            {"dns.question.name", isText},
	dnsType:            {"dns.question.type", isText},
	ruleID:             {"rule.id", isText},
	ruleName:           {"rule.name", isText},
	tlsServerName:      {"tls.server.name", isText},
}
