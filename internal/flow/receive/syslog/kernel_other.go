//go:build !linux

package syslog

import (
	"errors"
	"fmt"
	"net"
)

// enlarge asks for a receive buffer of n bytes.
func enlarge(c *net.UDPConn, n int) (int, error) {
	if err := c.SetReadBuffer(n); err != nil {
		return 0, fmt.Errorf("udp buffer: %w", err)
	}
	return n, nil
}

// dropCounter knows of no drops: only Linux counts them per socket.
type dropCounter struct{}

func newDropCounter(*net.UDPConn) (*dropCounter, error) {
	return nil, errors.New("this system does not count them")
}

func (*dropCounter) take() int { return 0 }
