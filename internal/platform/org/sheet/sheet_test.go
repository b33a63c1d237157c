package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestReadCSV(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("编码,名称\n1,计算机学院\n")
	if err != nil {
		t.Fatal(err)
	}
	want := Table{[]string{"编码", "名称"}, []Row{{2, []string{"1", "计算机学院"}}}}
	for _, tc := range []struct {
		name, in string
		want     Table
		err      error
	}{
		{name: "UTF-8", in: "编码,名称\n1,计算机学院\n", want: want},
		{name: "with a byte order mark and Windows line ends", in: "\ufeff编码,名称\r\n1,计算机学院\r\n", want: want},
		{name: "GB18030", in: gb, want: want},
		{name: "UTF-16", in: "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x00-N\n\x00", want: Table{[]string{"a", "b"}, []Row{{2, []string{"1", "\u4e2d"}}}}},
		{name: "semicolons", in: "a;b\n1;2,5\n", want: Table{[]string{"a", "b"}, []Row{{2, []string{"1", "2,5"}}}}},
		{name: "tabs", in: "a\tb\n1\t2\n", want: Table{[]string{"a", "b"}, []Row{{2, []string{"1", "2"}}}}},
		{name: "empty rows and cells behind", in: "\n,,\na,b,,\n,\n1,,\n", want: Table{[]string{"a", "b"}, []Row{{4, []string{"1", ""}}}}},
		{name: "a line feed in a cell", in: "a\n\"x\r\ny\"\n", want: Table{[]string{"a"}, []Row{{2, []string{"x\ny"}}}}},
		{name: "a neutralised formula", in: "a\n'=1+1\n", want: Table{[]string{"a"}, []Row{{2, []string{"=1+1"}}}}},
		{name: "nothing", in: "", err: ErrEmpty},
		{name: "spaces", in: " \n , \n", err: ErrEmpty},
		{name: "a cell without a header", in: "a\n1,2\n", err: ErrFormat},
		{name: "quotes that do not match", in: "a\n\"1\n", err: ErrFormat},
		{name: "NUL", in: "a\n\x00\n", err: ErrFormat},
		{name: "neither encoding", in: "a\n\xff\xff\n", err: ErrFormat},
		{name: "half of UTF-16", in: "\xff\xfea", err: ErrFormat},
		{name: "an old workbook", in: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", err: ErrFormat},
		{name: "too many rows", in: strings.Repeat("a\n", 12), err: ErrLarge},
		{name: "too many columns", in: strings.Repeat("a,", 12) + "b\n", err: ErrLarge},
		{name: "a long cell", in: "a\n" + strings.Repeat("长", 31) + "\n", err: ErrLarge},
		{name: "a cell of the longest length", in: "a\n" + strings.Repeat("长", 30) + "\n", want: Table{[]string{"a"}, []Row{{2, []string{strings.Repeat("长", 30)}}}}},
		{name: "a large file", in: "a\n" + strings.Repeat(" ", 4<<10), err: ErrLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Read([]byte(tc.in), Limits{Bytes: 4 << 10, Rows: 10, Columns: 10, Cell: 30})
			if diff := cmp.Diff(tc.want, got); diff != "" || !errors.Is(err, tc.err) {
				t.Errorf("Read: %v, want %v (-want +got):\n%s", err, tc.err, diff)
			}
		})
	}
}

// workbook makes an XLSX.
func workbook(tb testing.TB, fill func(*excelize.File)) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func plainBook(tb testing.TB) []byte {
	return workbook(tb, func(f *excelize.File) {
		for i, row := range [][]any{{"编码", "名称", "排序"}, {"A", "学院", 10}, nil, {"007", "实验室", 2.5}} {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
				tb.Fatal(err)
			}
		}
	})
}

// archive makes a ZIP of parts.
func archive(tb testing.TB, parts map[string]string) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range parts {
		p, err := w.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := p.Write([]byte(text)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// with replaces a part of a workbook.
func with(tb testing.TB, book []byte, name string, change func(string) string) []byte {
	tb.Helper()
	r, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		tb.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range r.File {
		p, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(p); err != nil {
			tb.Fatal(err)
		}
		parts[f.Name] = text.String()
	}
	if _, ok := parts[name]; !ok {
		tb.Fatalf("no part %s", name)
	}
	parts[name] = change(parts[name])
	return archive(tb, parts)
}

// lying returns an archive whose directory says that its parts are small.
func lying(tb testing.TB) []byte {
	tb.Helper()
	data := archive(tb, map[string]string{"xl/workbook.xml": strings.Repeat(" ", 3<<20)})
	size := []byte{0, 0, 48, 0} // 3 MiB
	return bytes.ReplaceAll(data, size, []byte{10, 0, 0, 0})
}

const sheetPart, bookPart, stringsPart = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"

func TestReadXLSX(t *testing.T) {
	book := plainBook(t)
	entity := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>`
	rows := Table{[]string{"编码", "名称", "排序"}, []Row{{2, []string{"A", "学院", "10"}}, {4, []string{"007", "实验室", "2.5"}}}}
	twice := func() []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for range 2 {
			if _, err := w.Create(bookPart); err != nil {
				t.Fatal(err)
			}
		}
		_ = w.Close()
		return b.Bytes()
	}
	for _, tc := range []struct {
		name string
		in   []byte
		want Table
		err  error // nil with an empty want: any of the errors, or a table without the trick's effect
		any  bool
	}{
		{name: "a plain workbook", in: book, want: rows},
		{name: "a formula is the value stored with it", in: workbook(t, func(f *excelize.File) {
			_ = f.SetCellValue("Sheet1", "A1", "h")
			_ = f.SetCellFormula("Sheet1", "A2", `HYPERLINK("http://x.example","x")`)
			_ = f.SetCellValue("Sheet1", "A3", "v")
		}), want: Table{[]string{"h"}, []Row{{3, []string{"v"}}}}},
		{name: "the first sheet is hidden", in: workbook(t, func(f *excelize.File) {
			_, _ = f.NewSheet("Two")
			_ = f.SetCellValue("Sheet1", "A1", "hidden")
			_ = f.SetCellValue("Two", "A1", "seen")
			f.SetActiveSheet(1)
			_ = f.SetSheetVisible("Sheet1", false)
		}), want: Table{Headers: []string{"seen"}}},
		{name: "a last row far away", in: workbook(t, func(f *excelize.File) {
			_ = f.SetCellValue("Sheet1", "A1", "h")
			_ = f.SetCellValue("Sheet1", "A1048576", "x")
		}), err: ErrLarge},
		{name: "a last column far away", in: workbook(t, func(f *excelize.File) { _ = f.SetCellValue("Sheet1", "XFD1", "h") }), err: ErrLarge},
		{name: "a long cell", in: workbook(t, func(f *excelize.File) { _ = f.SetCellValue("Sheet1", "A1", strings.Repeat("x", 2001)) }), err: ErrLarge},
		{name: "an empty workbook", in: workbook(t, func(*excelize.File) {}), err: ErrEmpty},
		{name: "an archive of nothing", in: archive(t, map[string]string{"a.txt": "x"}), err: ErrFormat, any: true},
		{name: "a part of the archive is cut off", in: book[:len(book)/2], err: ErrFormat},
		{name: "only the mark of an archive", in: []byte("PK\x03\x04"), err: ErrFormat},
		{name: "a bomb of one part", in: archive(t, map[string]string{bookPart: strings.Repeat(" ", 20<<20)}), err: ErrLarge},
		{name: "a bomb of many parts", in: archive(t, func() map[string]string {
			m := map[string]string{}
			for i := range 501 {
				m[strconv.Itoa(i)] = ""
			}
			return m
		}()), err: ErrLarge},
		{name: "a part that says it is small", in: lying(t), err: ErrFormat},
		{name: "two parts of one name", in: twice(), err: ErrFormat},
		{name: "entities in the sheet", in: with(t, book, sheetPart, func(s string) string {
			return entity + strings.Replace(strings.Replace(s, `<?xml version="1.0" encoding="UTF-8"?>`, "", 1), "<v>10</v>", "<v>&b;&c;</v>", 1)
		}), any: true},
		{name: "entities in the texts", in: with(t, book, stringsPart, func(s string) string {
			return entity + strings.ReplaceAll(strings.Replace(s, `<?xml version="1.0" encoding="UTF-8"?>`, "", 1), "学院", "&c;")
		}), any: true},
		{name: "a text that is not there", in: with(t, book, sheetPart, func(s string) string {
			return strings.ReplaceAll(s, `t="s"><v>`, `t="s"><v>-9`)
		}), any: true},
		{name: "a text of a huge number", in: with(t, book, sheetPart, func(s string) string {
			return strings.ReplaceAll(s, `t="s"><v>`, `t="s"><v>99999999999999999999`)
		}), any: true},
		{name: "a cell of no place", in: with(t, book, sheetPart, func(s string) string { return strings.ReplaceAll(s, `r="A2"`, `r="$$"`) }), any: true},
		{name: "a row below zero", in: with(t, book, sheetPart, func(s string) string { return strings.ReplaceAll(s, `<row r="2"`, `<row r="-2"`) }), any: true},
		{name: "deep nesting", in: with(t, book, sheetPart, func(s string) string {
			return strings.Replace(s, "<sheetData>", "<sheetData>"+strings.Repeat("<a>", 20_000), 1)
		}), any: true},
		{name: "a part outside of the archive", in: with(t, book, "xl/_rels/workbook.xml.rels", func(s string) string {
			return strings.ReplaceAll(s, "worksheets/sheet1.xml", "../../../../etc/passwd")
		}), any: true},
		{name: "a sheet elsewhere on the network", in: with(t, book, "xl/_rels/workbook.xml.rels", func(s string) string {
			return strings.ReplaceAll(s, `Target="worksheets/sheet1.xml"`, `Target="http://192.0.2.1/x" TargetMode="External"`)
		}), any: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Read(tc.in, Limits{})
			if tc.any {
				holds(t, got, err)
				if strings.Contains(fmt.Sprint(got), "aaaaaaaaaa") || strings.Contains(fmt.Sprint(got), "root:") {
					t.Errorf("the entity was followed: %v", got)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || !errors.Is(err, tc.err) {
				t.Errorf("Read: %v, want %v (-want +got):\n%s", err, tc.err, diff)
			}
		})
	}
}

// holds checks what Read promises of any file.
func holds(t *testing.T, got Table, err error) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrLarge) && !errors.Is(err, ErrEmpty) {
			t.Fatalf("undocumented error %v", err)
		}
		return
	}
	if len(got.Headers) == 0 || len(got.Headers) > 100 || len(got.Rows) > 20_000 {
		t.Fatalf("%d headers, %d rows", len(got.Headers), len(got.Rows))
	}
	last := 0
	for _, r := range append([]Row{{1, got.Headers}}, got.Rows...) {
		if len(r.Cells) != len(got.Headers) || r.Number < last {
			t.Fatalf("row %d has %d cells", r.Number, len(r.Cells))
		}
		last = r.Number
		for _, c := range r.Cells {
			odd := func(r rune) bool { return r != '\n' && unicode.IsControl(r) }
			if !utf8.ValidString(c) || strings.ContainsFunc(c, odd) || utf8.RuneCountInString(c) > 2000 || c != strings.TrimSpace(c) {
				t.Fatalf("the cell %q is not as promised", c)
			}
		}
	}
}

func TestSafe(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"单位", "单位"},
		{"", ""},
		{"=1+1", "'=1+1"},
		{"+86", "'+86"},
		{"-1", "'-1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"\r\n=1", "'\r\n=1"},
		{" =1", "' =1"},
		{"＝1", "'＝1"},
		{"|calc", "'|calc"},
		{"%0", "'%0"},
		{"'=1", "''=1"},
		{"'a", "'a"},
		{"a=1", "a=1"},
	} {
		if got := Safe(tc.in); got != tc.want || Raw(got) != tc.in {
			t.Errorf("Safe(%q) = %q, want %q; Raw of it = %q", tc.in, got, tc.want, Raw(got))
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "编码;名称\n1;\"x\ny\"\n", "\xff\xfea\x00", "a\n'=1\n", "\ufeffa\tb\r\n"} {
		f.Add([]byte(s))
	}
	f.Add(plainBook(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(data, Limits{})
		holds(t, got, err)
	})
}

func FuzzSheetXML(f *testing.F) {
	book := plainBook(f)
	f.Add(`<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>`)
	f.Add(`<row r="3"><c t="s"><v>9</v></c><c r="ZZ1"/></row>`)
	f.Fuzz(func(t *testing.T, inside string) {
		data := with(t, book, sheetPart, func(s string) string {
			return strings.Replace(s, "<sheetData>", "<sheetData>"+inside, 1)
		})
		got, err := Read(data, Limits{})
		holds(t, got, err)
	})
}

func FuzzSafe(f *testing.F) {
	f.Add("=1")
	f.Fuzz(func(t *testing.T, text string) {
		safe := Safe(text)
		if Raw(safe) != text {
			t.Fatalf("Raw(Safe(%q)) = %q", text, Raw(safe))
		}
		if formula(safe) {
			t.Fatalf("Safe(%q) = %q begins like a formula", text, safe)
		}
	})
}

func BenchmarkReadCSV(b *testing.B) {
	data := []byte("编码,名称,上级\n" + strings.Repeat("N1,计算机科学与技术学院,N0\n", 5000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if t, err := Read(data, Limits{}); err != nil || len(t.Rows) != 5000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadXLSX(b *testing.B) {
	data := workbook(b, func(f *excelize.File) {
		for i := range 5001 {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &[]any{fmt.Sprintf("N%d", i), "计算机科学与技术学院", "N0"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if t, err := Read(data, Limits{}); err != nil || len(t.Rows) != 5000 {
			b.Fatal(err)
		}
	}
}
