// Package winevent knows Windows event logs: which of Sigma's services a channel
// is, which categories an event belongs to, and how an event looks as XML.
//
// Services and categories follow SigmaHQ's tests/thor.yml and the services that
// SigmaHQ's rules name besides.
package winevent

import "strings"

// services maps a channel in lower case to Sigma's service.
var services = map[string]string{
	"application": "application", "security": "security",
	"system": "system", "windows powershell": "powershell-classic",
	"dns server": "dns-server", "msexchange management": "msexchange-management",
	"openssh/operational": "openssh", "powershellcore/operational": "powershell",
	"microsoft-servicebus-client/admin": "servicebus-client", "microsoft-servicebus-client/operational": "servicebus-client",
	"microsoft-iis-configuration/operational": "iis-configuration", "microsoft-windows-ntlm/operational": "ntlm",
	"microsoft-windows-sysmon/operational": "sysmon", "microsoft-windows-powershell/operational": "powershell",
	"microsoft-windows-taskscheduler/operational": "taskscheduler", "microsoft-windows-wmi-activity/operational": "wmi",
	"microsoft-windows-dhcp-server/operational": "dhcp", "microsoft-windows-dns-server/analytical": "dns-server-analytic",
	"microsoft-windows-dns-server/audit": "dns-server-audit", "microsoft-windows-driverframeworks-usermode/operational": "driver-framework",
	"microsoft-windows-printservice/admin": "printservice-admin", "microsoft-windows-printservice/operational": "printservice-operational",
	"microsoft-windows-smbclient/security": "smbclient-security", "microsoft-windows-smbclient/connectivity": "smbclient-connectivity",
	"microsoft-windows-smbserver/connectivity": "smbserver-connectivity", "microsoft-windows-terminalservices-localsessionmanager/operational": "terminalservices-localsessionmanager",
	"microsoft-windows-codeintegrity/operational": "codeintegrity-operational", "microsoft-windows-applocker/msi and script": "applocker",
	"microsoft-windows-applocker/exe and dll": "applocker", "microsoft-windows-applocker/packaged app-deployment": "applocker",
	"microsoft-windows-applocker/packaged app-execution": "applocker", "microsoft-windows-windows defender/operational": "windefend",
	"microsoft-windows-windows firewall with advanced security/firewall": "firewall-as", "microsoft-windows-bits-client/operational": "bits-client",
	"microsoft-windows-security-mitigations/kernel mode": "security-mitigations", "microsoft-windows-security-mitigations/user mode": "security-mitigations",
	"microsoft-windows-diagnosis-scripted/operational": "diagnosis-scripted", "microsoft-windows-shell-core/operational": "shell-core",
	"microsoft-windows-ldap-client/debug": "ldap", "microsoft-windows-bitlocker/bitlocker management": "bitlocker",
	"microsoft-windows-vhdmp/operational": "vhdmp", "microsoft-windows-vhdmp-operational": "vhdmp",
	"microsoft-windows-appxdeploymentserver/operational": "appxdeployment-server", "microsoft-windows-lsa/operational": "lsa-server",
	"microsoft-windows-appxpackaging/operational": "appxpackaging-om", "microsoft-windows-dns client events/operational": "dns-client",
	"microsoft-windows-dns-client/operational": "dns-client", "microsoft-windows-appmodel-runtime/admin": "appmodel-runtime",
	"microsoft-windows-capi2/operational": "capi2", "microsoft-windows-certificateservicesclient-lifecycle-system/operational": "certificateservicesclient-lifecycle-system",
	"microsoft-windows-kernel-shimengine/operational": "kernel-shimengine", "microsoft-windows-kernel-shimengine/diagnostic": "kernel-shimengine",
	"microsoft-windows-application-experience/program-telemetry": "application-experience", "microsoft-windows-application-experience/program-compatibility-assistant": "application-experience",
	"microsoft-windows-ntfs/operational": "ntfs", "microsoft-windows-hyper-v-worker": "hyper-v-worker",
	"microsoft-windows-kernel-eventtracing": "kernel-event-tracing", "microsoft-windows-sense/operational": "sense",
}

// Service returns Sigma's service of a channel, without regard to case; "" when
// Sigma has none.
func Service(channel string) string {
	if s, ok := services[channel]; ok {
		return s
	}
	return services[strings.ToLower(channel)]
}

// sysmon lists the categories of Sysmon's events by their number.
var sysmon = map[string][]string{
	"1": {"process_creation"}, "2": {"file_change"}, "3": {"network_connection"}, "4": {"sysmon_status"},
	"5": {"process_termination"}, "6": {"driver_load"}, "7": {"image_load"}, "8": {"create_remote_thread"},
	"9": {"raw_access_thread"}, "10": {"process_access"}, "11": {"file_event"}, "12": {"registry_event"},
	"13": {"registry_set", "registry_event"}, "14": {"registry_rename", "registry_event"}, "15": {"create_stream_hash"},
	"16": {"sysmon_status"}, "17": {"pipe_created"}, "18": {"pipe_created"}, "19": {"wmi_event"}, "20": {"wmi_event"},
	"21": {"wmi_event"}, "22": {"dns_query"}, "23": {"file_delete"}, "24": {"clipboard_change"}, "25": {"process_tampering"},
	"26": {"file_delete_detected"}, "27": {"file_block_executable"}, "28": {"file_block_shredding"},
	"29": {"file_executable_detected"}, "255": {"sysmon_error"},
}

var (
	registryAdd    = []string{"registry_add", "registry_event"}
	registryDelete = []string{"registry_delete", "registry_event"}
	creation       = []string{"process_creation"}
	module         = []string{"ps_module"}
	script         = []string{"ps_script"}
	classicStart   = []string{"ps_classic_start"}
	classicProv    = []string{"ps_classic_provider_start"}
	classicScript  = []string{"ps_classic_script"}
	antivirus      = []string{"antivirus"}
)

// Categories returns Sigma's categories of an event. eventType is Sysmon's
// EventType field, which parts the registry events. The caller must not change
// the list.
func Categories(service, id, eventType string) []string {
	switch service {
	case "sysmon":
		if id == "12" {
			switch eventType {
			case "CreateKey":
				return registryAdd
			case "DeleteKey", "DeleteValue":
				return registryDelete
			}
		}
		return sysmon[id]
	case "security":
		if id == "4688" {
			return creation
		}
	case "powershell":
		return powershell(id)
	case "powershell-classic":
		switch id {
		case "400":
			return classicStart
		case "600":
			return classicProv
		case "800":
			return classicScript
		}
	case "windefend":
		switch id {
		case "1006", "1007", "1008", "1009", "1010", "1011", "1012", "1017", "1018", "1019", "1115", "1116":
			return antivirus
		}
	}
	return nil
}

func powershell(id string) []string {
	switch id {
	case "4103":
		return module
	case "4104":
		return script
	default:
		return nil
	}
}
