package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/capability/alert"
	"github.com/fengsui/fengsui/internal/capability/logsource"
	"github.com/fengsui/fengsui/internal/scenario"
)

// Player plays the scenario into a running station through the station's own
// network inputs, as its senders would: each syslog sender from a loopback
// address of its own, each HTTP sender with its token.
type Player struct {
	s    *Station
	at   Ready
	seed uint64
	web  *http.Client
	send map[string]*player
	sent int
}

// player is one sender on the wire.
type player struct {
	scenario.Sender

	token string
	local netip.Addr
	conn  net.Conn
	batch []scenario.Line
}

// Played says what a week left behind.
type Played struct {
	Events int           `json:"events"` // lines that were sent
	Alerts []PlayedAlert `json:"alerts"` // by rule
}

// PlayedAlert is what one rule found.
type PlayedAlert struct {
	RuleID string `json:"rule_id"`
	Title  string `json:"title"`
	Events int64  `json:"events"`
}

// NewPlayer makes the scenario's sources known to the station.
func NewPlayer(ctx context.Context, s *Station, at Ready, seed uint64) (*Player, error) {
	p := &Player{s: s, at: at, seed: seed, web: &http.Client{Timeout: time.Minute}, send: map[string]*player{}}
	for i, sender := range scenario.Senders() {
		one := &player{Sender: sender, local: netip.AddrFrom4([4]byte{127, 0, 10, byte(i + 1)})}
		src := logsource.Source{
			Name: sender.NameZH + " " + sender.ID, Kind: logsource.Kind(sender.Kind), Format: sender.Format, Charset: sender.Charset,
			Zone: scenarioZone, SilentAfter: sender.Silence,
		}
		if src.Kind == logsource.Syslog {
			src.Allow = []netip.Prefix{netip.PrefixFrom(one.local, 32)}
		}
		_, token, err := s.sources.Create(ctx, src)
		if err != nil {
			return nil, fmt.Errorf("make source %s: %w", sender.ID, err)
		}
		one.token = token
		p.send[sender.ID] = one
	}
	return p, nil
}

// scenarioZone is where the campus lies: stamps without a zone are read in it
// wherever the station is.
const scenarioZone = "Asia/Shanghai"

// window is how many lines are handed out before every sender has sent its share,
// so that senders keep in step with each other.
const window = 500

// Week plays the seven days before now as fast as the station takes them, and
// calls progress with the share that is done.
func (p *Player) Week(ctx context.Context, progress func(share float64)) error {
	lines := slices.Collect(scenario.Week(p.seed, p.s.now(), scenario.Options{}))
	for i, l := range lines {
		p.add(l)
		if (i+1)%window == 0 {
			if err := p.flush(ctx); err != nil {
				return err
			}
			progress(float64(i+1) / float64(len(lines)))
		}
	}
	return p.flush(ctx)
}

func (p *Player) add(l scenario.Line) {
	one := p.send[l.Sender]
	one.batch = append(one.batch, l)
}

// flush sends what every sender holds.
func (p *Player) flush(ctx context.Context) error {
	for _, one := range p.send {
		if len(one.batch) == 0 {
			continue
		}
		if err := p.deliver(ctx, one); err != nil {
			return fmt.Errorf("deliver lines of %s: %w", one.ID, err)
		}
		p.sent += len(one.batch)
		one.batch = one.batch[:0]
	}
	return nil
}

func (p *Player) deliver(ctx context.Context, one *player) error {
	switch one.Transport {
	case scenario.SyslogUDP:
		return p.datagrams(ctx, one)
	case scenario.SyslogTCP:
		return p.stream(ctx, one)
	default:
		return p.post(ctx, one)
	}
}

// dial connects from the sender's own loopback address.
func (one *player) dial(ctx context.Context, network, address string) error {
	if one.conn != nil {
		return nil
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	if network == "udp" {
		d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(one.local, 0))
	} else {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(one.local, 0))
	}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return fmt.Errorf("from %s (the demo needs a system where all of 127.0.0.0/8 is this machine, such as Linux): %w", one.local, err)
	}
	one.conn = conn
	return nil
}

// datagrams are sent with pauses: UDP knows no back-pressure.
func (p *Player) datagrams(ctx context.Context, one *player) error {
	if err := one.dial(ctx, "udp", p.at.SyslogUDP); err != nil {
		return err
	}
	for i, l := range one.batch {
		if _, err := one.conn.Write(l.Raw); err != nil {
			return err
		}
		if i%32 == 31 {
			if err := pause(ctx, 2*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Player) stream(ctx context.Context, one *player) error {
	if err := one.dial(ctx, "tcp", p.at.SyslogTCP); err != nil {
		return err
	}
	var b bytes.Buffer
	for _, l := range one.batch {
		b.Write(l.Raw)
		b.WriteByte('\n')
	}
	_, err := one.conn.Write(b.Bytes())
	return err
}

func (p *Player) post(ctx context.Context, one *player) error {
	var b bytes.Buffer
	path := "/ingest/ndjson"
	for _, l := range one.batch {
		if one.Transport == scenario.Bulk {
			path = "/ingest/elasticsearch/_bulk"
			b.WriteString("{\"create\":{\"_index\":\"logs\"}}\n")
		}
		b.Write(l.Raw)
		b.WriteByte('\n')
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.at.HTTP+path, &b)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+one.token)
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := p.web.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // read below
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the station answered %d: %s", resp.StatusCode, text)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// The old device of the scenario falls silent now and then, so that the duty to
// keep logs has something to say: three minutes after the start and every quarter
// of an hour from then, for two and a half minutes.
const (
	silentSender = "ecard"
	silentFirst  = 3 * time.Minute
	silentEvery  = 15 * time.Minute
	silentFor    = 150 * time.Second
)

func silent(since time.Duration) bool {
	return since >= silentFirst && (since-silentFirst)%silentEvery < silentFor
}

// Live plays a trickle of about two lines a second until ctx ends.
func (p *Player) Live(ctx context.Context) error {
	start := p.s.now()
	for l := range scenario.Live(p.seed, start) {
		if err := pause(ctx, l.At.Sub(p.s.now())); err != nil {
			return nil //nolint:nilerr // the station stops
		}
		if l.Sender == silentSender && silent(l.At.Sub(start)) {
			continue
		}
		p.add(l)
		if err := p.flush(ctx); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the station stops
			}
			return err
		}
	}
	return nil
}

// Close ends the connections.
func (p *Player) Close() error {
	var errs []error
	for _, one := range p.send {
		if one.conn != nil {
			errs = append(errs, one.conn.Close())
		}
	}
	return errors.Join(errs...)
}

// Settle waits until what was sent has arrived, was indexed and matched, at most
// for a minute, and says what was found.
func (p *Player) Settle(ctx context.Context) (Played, error) {
	deadline := p.s.now().Add(time.Minute)
	for {
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return Played{}, err
		}
		if p.arrived() >= int64(p.sent) {
			break
		}
		if p.s.now().After(deadline) {
			return Played{}, fmt.Errorf("of %d lines sent, %d arrived", p.sent, p.arrived())
		}
	}
	size := p.s.ledger.Size()
	for {
		cursor, err := p.s.alerts.Cursor(ctx)
		if err != nil {
			return Played{}, err
		}
		if cursor >= size && p.s.index.Indexed() >= size {
			return p.found(ctx)
		}
		if p.s.now().After(deadline) {
			return Played{}, fmt.Errorf("of %d events, %d are indexed and %d matched", size, p.s.index.Indexed(), cursor)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return Played{}, err
		}
	}
}

// arrived counts what the scenario's sources have in the ledger.
func (p *Player) arrived() int64 {
	var n int64
	page, _ := p.s.sources.List(logsource.Filter{}, "", "", len(p.send)+1)
	for _, k := range page {
		n += k.Received
	}
	return n
}

// found counts findings by rule, the most first.
func (p *Player) found(ctx context.Context) (Played, error) {
	out := Played{Events: p.sent, Alerts: []PlayedAlert{}}
	byRule := map[string]*PlayedAlert{}
	for cursor := ""; ; {
		page, next, err := p.s.alerts.List(ctx, alert.Filter{}, 500, cursor)
		if err != nil {
			return out, err
		}
		for _, a := range page {
			r := byRule[a.RuleID]
			if r == nil {
				r = &PlayedAlert{RuleID: a.RuleID, Title: a.Title.EN}
				byRule[a.RuleID] = r
			}
			r.Events += a.Count
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	for _, r := range byRule {
		out.Alerts = append(out.Alerts, *r)
	}
	slices.SortFunc(out.Alerts, func(a, b PlayedAlert) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.RuleID, b.RuleID))
	})
	return out, nil
}
