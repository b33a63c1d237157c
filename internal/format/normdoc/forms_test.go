package normdoc

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"html"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// docx packs paragraphs and other parts into an archive.
func docx(t testing.TB, body string, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	all := map[string]string{"word/document.xml": `<?xml version="1.0" encoding="UTF-8"?>` +
		`<w:document xmlns:w="w" xmlns:mc="mc"><w:body>` + body + `</w:body></w:document>`}
	maps.Copy(all, parts)
	for name, text := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func paragraphs(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		fmt.Fprintf(&b, "<w:p><w:r><w:t xml:space=\"preserve\">%s</w:t></w:r></w:p>", html.EscapeString(strings.TrimRight(l, "\n")))
	}
	return b.String()
}

// TestEveryFormGivesTheSameTree parses the texts as UTF-8, UTF-16, GB18030, HTML and
// DOCX.
func TestEveryFormGivesTheSameTree(t *testing.T) {
	for _, file := range []string{"csl-2016-a.txt", "csl-2016-b.txt", "moe-2018-plan.txt", "moe-2018-campus-loan-notice.txt"} {
		text, want := shared(t, file)
		gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		var page strings.Builder
		page.WriteString("<!DOCTYPE html>\n<html><head><style>p{}</style><script>第一条 no text</script></head><body>")
		for l := range strings.Lines(text) {
			page.WriteString("<p>" + html.EscapeString(strings.TrimRight(l, "\n")) + "</p>\n")
		}
		for name, data := range map[string][]byte{
			"a byte order mark": []byte("\ufeff" + text), "CRLF": []byte(strings.ReplaceAll(text, "\n", "\r\n")),
			"UTF-16": []byte(wide), "GB18030": []byte(gb), "HTML": []byte(page.String()), "DOCX": docx(t, paragraphs(text), nil),
		} {
			t.Run(file+" "+name, func(t *testing.T) {
				got, err := Parse(data, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(outline(want), outline(got)); diff != "" {
					t.Errorf("nodes:\n%s", diff)
				}
				if d := Compare(want, got); len(d) != 0 {
					t.Errorf("differences: %+v", d[:min(len(d), 5)])
				}
				if len(got.Warnings) != len(want.Warnings) || len(got.References) != len(want.References) || len(got.Quantities) != len(want.Quantities) {
					t.Errorf("%d warnings, %d references, %d quantities", len(got.Warnings), len(got.References), len(got.Quantities))
				}
			})
		}
	}
}

// TestWordNumbersAreCounted reads a law whose numbers Word makes itself.
func TestWordNumbersAreCounted(t *testing.T) {
	numbering := `<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1条"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>
<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>`
	p := func(level, text string) string {
		num := ""
		if level != "" {
			num = `<w:pPr><w:numPr><w:ilvl w:val="` + level + `"/><w:numId w:val="5"/></w:numPr></w:pPr>`
		}
		return "<w:p>" + num + "<w:r><w:t>" + text + "</w:t></w:r></w:p>"
	}
	body := p("", "某办法") + p("0", "为了甲，制定本办法。") + p("0", "单位应当：") + p("1", "做甲；") + p("1", "做乙。") + p("0", "违反第二条的，处罚。") +
		`<w:p><w:del><w:r><w:delText>删去的话</w:delText></w:r></w:del></w:p>` +
		`<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>框里的话。</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>框里的话。</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>`
	d, err := Parse(docx(t, body, map[string]string{
		"word/numbering.xml": numbering, "word/footnotes.xml": `<w:footnotes xmlns:w="w"><w:footnote><w:p><w:r><w:t>脚注</w:t></w:r></w:p></w:footnote></w:footnotes>`,
	}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 article 第一条 < ", "1.1 paragraph  < 1", "2 article 第二条 < ", "2.1 paragraph  < 2", "2.1(1) item （一） < 2.1",
		"2.1(2) item （二） < 2.1", "3 article 第三条 < ", "3.1 paragraph  < 3", "3.2 paragraph  < 3",
	}
	if diff := cmp.Diff(want, outline(d)); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	var skipped []string
	for _, w := range d.Warnings {
		skipped = append(skipped, w.Code+" "+w.Text)
	}
	if diff := cmp.Diff([]string{"skipped 删去的话", "skipped 脚注"}, skipped); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// TestHTMLLines keeps source lines, breaks and cells.
func TestHTMLLines(t *testing.T) {
	page := "<html>\n<title>某站</title>\n<body><div>某办法</div>\n<p>第一条　为了\n甲，制定本办法。<br>第二款在此。</p>\n" +
		"<table><tr><td>第二条</td><td>乙 &lt;丙&gt;。</td></tr></table><!-- no text --></body></html>"
	d, err := Parse([]byte(page), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range d.Nodes {
		got = append(got, fmt.Sprintf("%s %d %s", n.ID, n.Line, n.Text))
	}
	want := []string{"1 4 ", "1.1 4 为了甲，制定本办法。", "1.2 5 第二款在此。", "2 6 ", "2.1 6 乙 <丙>。"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if d.Title != "某办法" || len(d.Warnings) != 1 || d.Warnings[0].Text != "某站" {
		t.Errorf("title %q warnings %v", d.Title, d.Warnings)
	}
}

// TestLimits refuses what is too large, too deep or damaged.
func TestLimits(t *testing.T) {
	law := "某法\n第一条 甲。\n第二条 乙。\n"
	deep := strings.Repeat("<w:x>", 40) + strings.Repeat("</w:x>", 40)
	for _, tt := range []struct {
		name string
		data []byte
		o    Options
		err  error
	}{
		{"within the limits", []byte(law), Options{}, nil},
		{"a file that is too large", []byte(law), Options{MaxBytes: 10}, ErrLimit},
		{"too much text", []byte(law), Options{MaxText: 10}, ErrLimit},
		{"too many lines", []byte(law), Options{MaxNodes: 2}, ErrLimit},
		{"too many nodes", []byte(law), Options{MaxNodes: 3}, ErrLimit},
		{"XML that nests too deep", docx(t, deep, nil), Options{MaxDepth: 20}, ErrLimit},
		{"an archive that grows too much", docx(t, paragraphs(strings.Repeat("甲", 200_000)), nil), Options{MaxRatio: 10}, ErrLimit},
		{"too many files in an archive", docx(t, paragraphs(law), map[string]string{"a": "", "b": ""}), Options{MaxEntries: 2}, ErrLimit},
		{"a damaged archive", []byte("PK\x03\x04 and no more"), Options{}, ErrDOCX},
		{"an archive that is no DOCX", docx(t, "", nil)[:60], Options{}, ErrDOCX},
		{"XML that does not end", docx(t, "<w:p>", nil), Options{}, ErrDOCX},
		{"white space only", []byte(" \n\u3000\n"), Options{}, ErrEmpty},
		{"an unknown kind", []byte(law), Options{Kind: "poem"}, ErrKind},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse(tt.data, tt.o); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
		})
	}
}
