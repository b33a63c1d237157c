package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// errBroken is what a damaged workbook is called; what the library says of it
// names its own parts and helps nobody.
var errBroken = fmt.Errorf("%w: the workbook cannot be read", ErrFormat)

// readXLSX reads the first visible sheet of a workbook.
//
// The parts are unpacked and counted before the library sees them, because the
// sizes in an archive are what its maker says they are.
func readXLSX(data []byte, b *builder) (err error) {
	if err := checkArchive(data, b.limits); err != nil {
		return err
	}
	defer func() {
		// The library has no promise about damaged files; a file is no reason to end a process.
		if recover() != nil {
			err = errBroken
		}
	}()
	limit := int64(b.limits.Unpacked)
	// Equal limits: nothing is written to temporary files.
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: limit, UnzipXMLSizeLimit: limit})
	if err != nil {
		return errBroken
	}
	defer func() {
		if book.Close() != nil && err == nil {
			err = errBroken
		}
	}()
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err == nil && visible {
			return readSheet(book, name, b)
		}
	}
	return ErrEmpty
}

func readSheet(book *excelize.File, name string, b *builder) (err error) {
	rows, err := book.Rows(name)
	if err != nil {
		return errBroken
	}
	defer func() {
		if rows.Close() != nil && err == nil {
			err = errBroken
		}
	}()
	for number := 1; rows.Next(); number++ {
		// Rows that are not there are counted too; a sheet may name row 1,048,576 only.
		if number > b.limits.Rows {
			return b.add(number, nil)
		}
		cells, err := rows.Columns(excelize.Options{RawCellValue: false})
		if err != nil {
			return errBroken
		}
		if err := b.add(number, cells); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return errBroken
	}
	return nil
}

// checkArchive unpacks every part and holds it to the limits.
func checkArchive(data []byte, l Limits) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errBroken
	}
	if len(archive.File) > l.Parts {
		return fmt.Errorf("%w: more than %d parts", ErrLarge, l.Parts)
	}
	left, seen := int64(l.Unpacked), map[string]bool{}
	for _, f := range archive.File {
		name := strings.ToLower(path.Clean("/" + strings.ReplaceAll(f.Name, `\`, "/")))
		if seen[name] {
			return fmt.Errorf("%w: two parts have the same name", ErrFormat)
		}
		seen[name] = true
		n, err := unpacked(f, left)
		if err != nil {
			return err
		}
		if left -= n; left < 0 {
			return fmt.Errorf("%w: more than %d bytes unpacked", ErrLarge, l.Unpacked)
		}
		if n > 1<<20 && n/int64(l.Ratio) > int64(f.CompressedSize64) { //nolint:gosec // zip refuses sizes beyond the file
			return fmt.Errorf("%w: a part is packed more than %d times", ErrLarge, l.Ratio)
		}
	}
	return nil
}

// unpacked returns the size of a part, or limit+1 when it is larger than limit.
func unpacked(f *zip.File, limit int64) (n int64, err error) {
	r, err := f.Open()
	if err != nil {
		return 0, errBroken
	}
	defer func() { _ = r.Close() }() // nothing was written
	n, err = io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err != nil {
		return 0, errBroken
	}
	return n, nil
}
