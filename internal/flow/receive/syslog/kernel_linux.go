package syslog

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// enlarge asks for a receive buffer of n bytes, beyond net.core.rmem_max where
// the station may. It returns what it got.
func enlarge(c *net.UDPConn, n int) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("udp buffer: %w", err)
	}
	got := 0
	err = raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, n) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, n) // the kernel takes what it allows
		}
		got, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
	})
	if err != nil {
		return 0, fmt.Errorf("udp buffer: %w", err)
	}
	return got / 2, nil // the kernel states twice what it was asked for
}

// dropCounter reads how many datagrams the kernel dropped at a socket. A nil
// counter knows of none.
//
// It asks for SO_MEMINFO (Linux 4.12) instead of waiting for the SO_RXQ_OVFL
// message beside the next datagram: after the last one of a burst there is none.
type dropCounter struct {
	raw  syscall.RawConn
	last uint32
}

func newDropCounter(c *net.UDPConn) (*dropCounter, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("kernel drops: %w", err)
	}
	d := &dropCounter{raw: raw}
	if _, err := d.read(); err != nil {
		return nil, err
	}
	return d, nil // counts from the socket's beginning
}

const (
	memInfoLen   = 9 // uint32 values of SO_MEMINFO
	memInfoDrops = 8 // SK_MEMINFO_DROPS of linux/sock_diag.h
)

func (d *dropCounter) read() (uint32, error) {
	var info [memInfoLen]uint32
	size := uint32(unsafe.Sizeof(info))
	var errno syscall.Errno
	err := d.raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0) //nolint:gosec // G103: x/sys has no getter for SO_MEMINFO
	})
	if err == nil && errno != 0 {
		err = os.NewSyscallError("getsockopt", errno)
	}
	if err != nil {
		return 0, fmt.Errorf("kernel drops: %w", err)
	}
	return info[memInfoDrops], nil
}

// take returns how many datagrams were dropped since the last call. The counter
// wraps at 2^32.
func (d *dropCounter) take() int {
	if d == nil {
		return 0
	}
	now, err := d.read()
	if err != nil {
		return 0 // the next look sees them
	}
	n := now - d.last
	d.last = now
	return int(n)
}
