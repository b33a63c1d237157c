package bulk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// ErrNoSuch is answered where a sender asks for what is not served here.
var ErrNoSuch = problem.New(problem.NotFound, "ingest.bulk_path", "the station does not serve this part of the interface")

// Version is the version of Elasticsearch whose interface this is. Its last part
// is beyond every release of that line: an agent refuses a server that it takes
// to be older than itself.
const Version = "8.19.99"

const (
	name      = "fengsui"
	clusterID = "ZmVuZ3N1aS1sZWRnZXItMQ" // same form as Elasticsearch's: 22 letters
)

type object = map[string]any

// probe answers what senders ask before they begin.
func (h *Handler) probe(w http.ResponseWriter, r *http.Request, _ event.Source) {
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	head, rest, _ := strings.Cut(path, "/")
	switch head {
	case "":
		send(w, info())
	case "_license":
		send(w, object{"license": license()})
	case "_xpack":
		send(w, features())
	case "_cluster":
		send(w, health())
	case "_cat":
		h.cat(w, r, rest)
	case "_nodes":
		send(w, nodes(r.Host))
	case "_index_template", "_component_template", "_template", "_ilm", "_ingest", "_data_stream", "_alias":
		send(w, existing(head, rest))
	default:
		if strings.HasPrefix(head, "_") || rest != "" {
			h.o.Fail(w, r, ErrNoSuch)
			return
		}
		send(w, object{head: object{"aliases": object{}, "mappings": object{}, "settings": object{}}}) // an index
	}
}

// setup acknowledges what senders want to set up, and takes bulk bodies by PUT.
func (h *Handler) setup(w http.ResponseWriter, r *http.Request, src event.Source) {
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	if path == "_bulk" || strings.HasSuffix(path, "/_bulk") {
		if index, _, ok := strings.Cut(path, "/"); ok {
			r.SetPathValue("index", index)
		}
		h.bulk(w, r, src)
		return
	}
	head, rest, _ := strings.Cut(path, "/")
	switch head {
	case "_index_template", "_component_template", "_template", "_ilm", "_ingest", "_data_stream":
		send(w, object{"acknowledged": true})
	default:
		if r.Method != http.MethodPut || head == "" || strings.HasPrefix(head, "_") || rest != "" {
			h.o.Fail(w, r, ErrNoSuch)
			return
		}
		send(w, object{"acknowledged": true, "shards_acknowledged": true, "index": head})
	}
}

func send(w http.ResponseWriter, v any) {
	header(w)
	_ = json.NewEncoder(w).Encode(v) // the sender may be gone
}

func info() object {
	return object{
		"name": name, "cluster_name": name, "cluster_uuid": clusterID,
		"version": object{
			"number": Version, "build_flavor": "default", "build_type": "tar", "build_hash": "fengsui", "build_date": "2026-01-01T00:00:00Z",
			"build_snapshot": false, "lucene_version": "9.12.2", "minimum_wire_compatibility_version": "7.17.0",
			"minimum_index_compatibility_version": "7.0.0",
		},
		"tagline": "You Know, for Search",
	}
}

// license is what the free senders ask for before they send to anything that
// calls itself Elasticsearch.
func license() object {
	begin := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	return object{
		"status": "active", "uid": "00000000-0000-0000-0000-000000000000", "type": "basic", "issue_date": begin.Format("2006-01-02T15:04:05.000Z"),
		"issue_date_in_millis": begin.UnixMilli(), "max_nodes": 1000, "issued_to": name, "issuer": name, "start_date_in_millis": -1,
	}
}

func features() object {
	off := object{"available": false, "enabled": false}
	return object{
		"build":   object{"hash": "fengsui", "date": "2026-01-01T00:00:00.000Z"},
		"license": object{"uid": "00000000-0000-0000-0000-000000000000", "type": "basic", "mode": "basic", "status": "active"},
		"features": object{
			"ilm": object{"available": true, "enabled": true}, "data_streams": object{"available": true, "enabled": true},
			"security": object{"available": true, "enabled": true}, "monitoring": off, "ml": off, "watcher": off,
		},
		"tagline": "You know, for X",
	}
}

func health() object {
	return object{
		"cluster_name": name, "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": 1, "active_shards": 1, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0,
		"task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	}
}

// cat answers the interface for people in its own form, one line of text.
func (h *Handler) cat(w http.ResponseWriter, r *http.Request, what string) {
	switch first, _, _ := strings.Cut(what, "/"); first {
	case "health":
		header(w)
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		now := h.o.Now().UTC()
		_, _ = fmt.Fprintf(w, "%d %s %s green 1 1 1 1 0 0 0 0 - 100.0%%\n", now.Unix(), now.Format(time.TimeOnly), name) // the sender may be gone
	case "templates":
		send(w, []object{})
	default:
		h.o.Fail(w, r, ErrNoSuch)
	}
}

// nodes names this station as the only node, under the address it was asked at,
// so that a sender that looks for more nodes finds no other.
func nodes(host string) object {
	return object{
		"_nodes": object{"total": 1, "successful": 1, "failed": 0}, "cluster_name": name,
		"nodes": object{"fengsui-1": object{
			"name": name, "host": host, "version": Version, "build_flavor": "default", "roles": []string{"data", "ingest", "master"},
			"http": object{"bound_address": []string{host}, "publish_address": host, "max_content_length_in_bytes": 32 << 20},
		}},
	}
}

// existing answers that what is asked for is there, so that nobody sets it up.
func existing(kind, rest string) any {
	id := rest[strings.LastIndexByte(rest, '/')+1:]
	switch kind {
	case "_index_template":
		return object{"index_templates": []object{{"name": id, "index_template": object{
			"index_patterns": []string{id + "*"}, "composed_of": []string{}, "priority": 100, "version": 1, "data_stream": object{},
		}}}}
	case "_component_template":
		return object{"component_templates": []object{{"name": id, "component_template": object{"template": object{}}}}}
	case "_data_stream":
		return object{"data_streams": []object{{
			"name": id, "timestamp_field": object{"name": "@timestamp"}, "indices": []object{}, "generation": 1, "status": "GREEN", "template": id,
		}}}
	case "_ilm":
		return object{id: object{"version": 1, "modified_date": "2026-01-01T00:00:00.000Z", "policy": object{"phases": object{}}}}
	case "_ingest":
		return object{id: object{"processors": []object{}}}
	case "_alias":
		return object{id: object{"aliases": object{id: object{"is_write_index": true}}}}
	default: // _template
		return object{id: object{"order": 1, "version": 1, "index_patterns": []string{id + "*"}, "settings": object{}, "mappings": object{}, "aliases": object{}}}
	}
}
