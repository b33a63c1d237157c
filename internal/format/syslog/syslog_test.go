package syslog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/stamp"
	"github.com/fengsui/fengsui/internal/format/syslog"
)

var update = flag.Bool("update", false, "rewrite the want half of golden files")

var place = stamp.Place{Zone: time.FixedZone("", 8*3600), Near: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)}

// want is a message as the golden file shows it.
func want(m syslog.Message) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	out := struct {
		Facility, Severity int
		Time               *time.Time     `json:",omitempty"`
		Host, App          string         `json:",omitempty"`
		ProcID, MsgID      string         `json:",omitempty"`
		Data               []syslog.Param `json:",omitempty"`
		Text               string         `json:",omitempty"`
	}{m.Facility, m.Severity, nil, m.Host, m.App, m.ProcID, m.MsgID, m.Data, m.Text}
	if !m.Time.IsZero() {
		out.Time = &m.Time
	}
	if err := enc.Encode(out); err != nil {
		return err.Error() + "\n"
	}
	return b.String()
}

// TestGolden reads the lines of testdata/messages.txt; \n, \x00 and \ufeff stand
// for themselves there.
func TestGolden(t *testing.T) {
	const name = "testdata/messages.txt"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(data), "-- in --\n")
	in, wanted, _ := strings.Cut(rest, "-- want --\n")
	unescape := strings.NewReplacer(`\n`, "\n", `\x00`, "\x00", `\ufeff`, "\ufeff")
	var got strings.Builder
	for line := range strings.Lines(in) {
		m, err := syslog.Parse([]byte(unescape.Replace(strings.TrimSuffix(line, "\n"))), place)
		if err != nil {
			got.WriteString("error: " + err.Error() + "\n")
			continue
		}
		got.WriteString(want(m))
	}
	if *update {
		if err := os.WriteFile(name, []byte(head+"-- in --\n"+in+"-- want --\n"+got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(wanted, "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestDevice(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     syslog.Mnemonic
	}{
		{"huawei", "%%01SHELL/5/CMDRECORD(l)[12]:Recorded command (User=admin)", syslog.Mnemonic{Vendor: "huawei", Module: "SHELL", Severity: 5, Name: "CMDRECORD", Text: "Recorded command (User=admin)"}},
		{"h3c", "%%10SHELL/5/SHELL_LOGIN: -DevIP=10.1.1.1; admin logged in", syslog.Mnemonic{Vendor: "h3c", Module: "SHELL", Severity: 5, Name: "SHELL_LOGIN", Text: "-DevIP=10.1.1.1; admin logged in"}},
		{"cisco", "%SYS-5-CONFIG_I: Configured from console", syslog.Mnemonic{Vendor: "cisco", Module: "SYS", Severity: 5, Name: "CONFIG_I", Text: "Configured from console"}},
		{"cisco asa", "%ASA-6-302013: Built outbound TCP", syslog.Mnemonic{Vendor: "cisco", Module: "ASA", Severity: 6, Name: "302013", Text: "Built outbound TCP"}},
		{"cisco with a sub-module", "%PLATFORM_ENV-SP-1-FAN: x", syslog.Mnemonic{Vendor: "cisco", Module: "PLATFORM_ENV-SP", Severity: 1, Name: "FAN", Text: "x"}},
		{"percent in a text", "%d of 5: x", syslog.Mnemonic{}},
		{"nothing", "", syslog.Mnemonic{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := syslog.Device(tt.in)
			if ok != (tt.want.Vendor != "") {
				t.Fatalf("Device = %t", ok)
			}
			if diff := cmp.Diff(tt.want, got); ok && diff != "" {
				t.Errorf("mnemonic (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"<34>1 2026-11-24T10:15:02Z host app 1 id [a@1 b=\"c\\\"\"] \ufeffx", "<189>123: *Mar  1 00:00:01.123: %SYS-5-X: y",
		"Nov 24 10:15:02 host sshd[1]: x", "<14>CEF:0|a|b", "<999>", "2026-11-24 10:15:02 host %%01SEC/4/A(l):x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		was := bytes.Clone(msg)
		m, err := syslog.Parse(msg, place)
		switch {
		case err != nil && !errors.Is(err, syslog.ErrEmpty) && !errors.Is(err, syslog.ErrPriority) && !errors.Is(err, syslog.ErrHeader):
			t.Fatalf("undocumented error %v", err)
		case !bytes.Equal(msg, was):
			t.Fatal("raw bytes changed")
		case err == nil && (m.Severity < -1 || m.Severity > 7 || m.Facility < -1 || m.Facility > 23):
			t.Fatalf("priority %d.%d", m.Facility, m.Severity)
		}
		syslog.Device(m.Text)
		if err != nil || !utf8.Valid(msg) {
			return
		}
		for _, s := range []string{m.Host, m.App, m.ProcID, m.MsgID, m.Text} {
			if !utf8.ValidString(s) {
				t.Fatalf("%q is not UTF-8", s)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, line := range map[string]string{
		"rfc5424": `<165>1 2026-11-24T10:15:02.003Z host.example app 111 ID47 [ex@32473 iut="3" src="Application"] An application event log entry`,
		"rfc3164": "<86>Nov 24 10:15:02 gate01 sshd[2214]: Failed password for invalid user admin from 203.0.113.9 port 40022 ssh2",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := syslog.ParseText(line, place); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
