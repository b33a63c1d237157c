package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// The control socket is how the owner of the host acts on a running station:
// whoever can open it owns the data directory, and is its administrator.

// controlName is the socket in the data directory.
const controlName = "control.sock"

type localKey struct{}

// local marks the connections of the control socket.
func local(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, localKey{}, true)
}

// ownerOf says that a request over the control socket comes from the owner of
// the host; any other request is nobody's to it.
func ownerOf(r *http.Request) (authz.Actor, error) {
	if r.Context().Value(localKey{}) == nil {
		return authz.Actor{}, nil
	}
	return authz.Actor{ID: "local", Name: "local", Role: authz.Administrator, Kind: authz.Local}, nil
}

// listenControl opens the socket, readable by the owner only. A socket that an
// interrupted run left is replaced: the lock of the directory says that nobody
// uses it.
func listenControl(ctx context.Context, dir string) (net.Listener, error) {
	path := filepath.Join(dir, controlName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	name, done, err := shortName(dir)
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	defer done()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", name)
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // the name may be one that ends with this function
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("open control socket: %w", err), l.Close())
	}
	return l, nil
}

// shortName returns a name of the socket that fits into a socket address, which
// holds about 100 bytes: a long one is reached through the open folder.
func shortName(dir string) (name string, done func(), err error) {
	path := filepath.Join(dir, controlName)
	if len(path) < 100 {
		return path, func() {}, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", f.Fd(), controlName), func() { _ = f.Close() }, nil
}

// Control returns a client that speaks to the station running on dir.
func Control(dir string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			name, done, err := shortName(dir)
			if err != nil {
				return nil, err
			}
			defer done()
			var d net.Dialer
			return d.DialContext(ctx, "unix", name)
		},
	}}
}
