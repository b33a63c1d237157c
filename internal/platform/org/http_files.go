package org

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// largestFile bounds an imported file, in bytes.
const largestFile = 8 << 20

func (s *Service) routesOfFiles(api huma.API) {
	const columns = "The first row holds headers, in Chinese or English as the export writes them. Units are known by their codes; " +
		"a parent is named by its code and may be another row. Empty cells change nothing. The body is the file itself, CSV or XLSX, " +
		"at most 8 MiB and 20,000 rows."
	httpapi.Register(api, httpapi.Op{
		ID: "preview-unit-import", Method: http.MethodPost, Path: "/units/import/preview", Status: http.StatusOK,
		Summary: "Say what the import of a file would do", Description: columns, Permission: PermWrite, MaxBody: largestFile, Quiet: true,
	}, s.previewImport)
	httpapi.Register(api, httpapi.Op{
		ID: "import-units", Method: http.MethodPost, Path: "/units/import", Status: http.StatusOK,
		Summary: "Take the units of a file into the tree, all at once", Description: columns, Permission: PermWrite, MaxBody: largestFile,
	}, s.importUnits)
	httpapi.Handle(api, httpapi.PlainOp{
		ID: "export-units", Method: http.MethodGet, Path: httpapi.Prefix + "/units/export", Permission: PermRead, Audited: true,
		Summary: "All units as CSV, which import-units reads; formulas are neutralised", Tags: []string{"units"}, Answer: "text/csv",
		Query: []httpapi.Param{{Name: "lang", Doc: "Language of the headers: zh (default) or en"}},
	}, s.exportUnits(httpapi.Failer(api)))
}

// ImportQuery is a file and how it is to be taken.
type ImportQuery struct {
	Mode    string   `query:"mode" enum:"stop,skip,update" default:"stop" doc:"When a unit is there already: stop, and import nothing with any error; skip it; update it. The last two leave rows with errors out"`
	Under   string   `query:"under" maxLength:"64" doc:"The unit above those that name none; default: they are roots"`
	Columns []string `query:"column,explode" maxItems:"30" doc:"id=header, where the header alone does not tell what a column is"`
	RawBody []byte
}

func (r *ImportQuery) order() (Import, error) {
	in := Import{Mode: Mode(r.Mode), Under: ID(r.Under), Columns: map[string]string{}}
	for _, c := range r.Columns {
		id, header, ok := strings.Cut(c, "=")
		if !ok {
			return in, ErrInvalid.At("query.column", "not id=header")
		}
		in.Columns[id] = header
	}
	return in, nil
}

type importRequest struct {
	ImportQuery

	Plan string `query:"plan" maxLength:"64" doc:"plan of the preview: when the import would do anything else, it does nothing"`
}

type cellErrorJSON struct {
	Column  string `json:"column" doc:"As the file calls it"`
	Message string `json:"message"`
}

type importRowJSON struct {
	Row     int             `json:"row" doc:"In the file; the first is 1"`
	Code    string          `json:"code"`
	Action  Action          `json:"action" enum:"create,update,skip,same,error"`
	Unit    ID              `json:"unit" doc:"That is there already"`
	Changes []string        `json:"changes" nullable:"false" doc:"Ids of the columns that differ"`
	Errors  []cellErrorJSON `json:"errors" nullable:"false"`
}

// importJSON is what an import would do or has done.
type importJSON struct {
	Applied bool              `json:"applied"`
	Plan    string            `json:"plan" doc:"Send it with the import to be sure that it does just this"`
	Columns map[string]string `json:"columns" doc:"Header by id of the column"`
	Ignored []string          `json:"ignored" nullable:"false" doc:"Headers that mean nothing here"`
	Counts  map[Action]int    `json:"counts" doc:"Rows by action"`
	Rows    []importRowJSON   `json:"rows" nullable:"false"`
}

type importResponse struct{ Body importJSON }

func viewImport(r ImportResult) *importResponse {
	out := &importResponse{Body: importJSON{
		Applied: r.Applied, Plan: r.Plan, Columns: r.Columns, Ignored: r.Ignored, Counts: r.Counts, Rows: make([]importRowJSON, 0, len(r.Rows)),
	}}
	for _, row := range r.Rows {
		j := importRowJSON{Row: row.Row, Code: row.Code, Action: row.Action, Unit: row.Unit, Changes: row.Changes}
		for _, e := range row.Errors {
			j.Errors = append(j.Errors, cellErrorJSON(e))
		}
		out.Body.Rows = append(out.Body.Rows, j)
	}
	return out
}

func (s *Service) previewImport(ctx context.Context, in *ImportQuery) (*importResponse, error) {
	order, err := in.order()
	if err != nil {
		return nil, err
	}
	if err := s.mayImport(ctx, order); err != nil {
		return nil, err
	}
	r, err := s.Preview(ctx, in.RawBody, order)
	if err != nil {
		return nil, err
	}
	return viewImport(r), nil
}

// mayImport fails with [ErrNoUnit] when the units without a parent would come
// where the actor may not put any.
func (s *Service) mayImport(ctx context.Context, in Import) error {
	return s.inScope(ctx, PermWrite, in.Under)
}

func (s *Service) importUnits(ctx context.Context, in *importRequest) (*importResponse, error) {
	order, err := in.order()
	if err != nil {
		return nil, err
	}
	order.Plan = in.Plan
	if err := s.mayImport(ctx, order); err != nil {
		return nil, err
	}
	r, err := s.Import(ctx, in.RawBody, order)
	if err != nil {
		return nil, err
	}
	httpapi.Annotate(ctx, func(a *httpapi.Audit) {
		a.Object("under", in.Under)
		a.Detail("mode", in.Mode)
		a.Detail("plan", r.Plan)
		for action, n := range r.Counts {
			a.Detail(string(action), strconv.Itoa(n))
		}
	})
	return viewImport(r), nil
}

func (s *Service) exportUnits(fail func(http.ResponseWriter, *http.Request, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lang := r.URL.Query().Get("lang")
		if lang != "" && lang != "zh" && lang != "en" {
			fail(w, r, ErrInvalid.At("query.lang", "zh or en"))
			return
		}
		var file bytes.Buffer
		if err := s.Export(r.Context(), &file, lang != "en"); err != nil {
			fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="units.csv"`)
		_, _ = w.Write(file.Bytes()) // the client may be gone
	}
}
