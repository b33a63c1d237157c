package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// User holds the commands about accounts: the way back in for the owner of the
// host when nobody can sign in.
type User struct {
	List     UserList     `cmd:"" help:"List the accounts"`
	Add      UserAdd      `cmd:"" help:"Make an account; the password is read from standard input"`
	Password UserPassword `cmd:"" help:"Give an account a new password, read from standard input, and end its sessions"`
	Disable  UserDisable  `cmd:"" help:"Keep an account from signing in and end its sessions"`
}

// account is one line of the answers.
type account struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Role     string `json:"role"`
	Disabled bool   `json:"disabled"`
}

// UserList is `fengsui user list`.
type UserList struct {
	Data string `required:"" help:"Folder of the station's data"`
}

// Run prints one object per account.
func (c *UserList) Run(out Output) error {
	return eachAccount(out, c.Data, func(a account) error { return out.line(a) })
}

func eachAccount(out Output, data string, fn func(account) error) error {
	for cursor := ""; ; {
		var page struct {
			Items []account
			Next  string
		}
		path := "/api/v1/accounts?limit=500&cursor=" + url.QueryEscape(cursor)
		if err := call(out, data, request{Method: http.MethodGet, Path: path}, &page); err != nil {
			return err
		}
		for _, a := range page.Items {
			if err := fn(a); err != nil {
				return err
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// named finds an account by its name, whatever its case.
func named(out Output, data, name string) (account, error) {
	var found *account
	err := eachAccount(out, data, func(a account) error {
		if strings.EqualFold(a.Name, name) {
			found = &a
		}
		return nil
	})
	if err != nil {
		return account{}, err
	}
	if found == nil {
		return account{}, fmt.Errorf("there is no account %q", name)
	}
	return *found, nil
}

// readPassword reads the first line of standard input.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 4<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("read the password: standard input holds none")
	}
	return line, nil
}

// UserAdd is `fengsui user add`.
type UserAdd struct {
	Name string `arg:"" help:"Name to sign in with"`
	Data string `required:"" help:"Folder of the station's data"`
	Role string `required:"" enum:"administrator,analyst,reader" help:"What they may do: administrator, analyst or reader"`
}

// Run prints the new account.
func (c *UserAdd) Run(out Output) error {
	password, err := readPassword(os.Stdin)
	if err != nil {
		return err
	}
	var a account
	body := map[string]string{"name": c.Name, "role": c.Role, "password": password}
	if err := call(out, c.Data, request{http.MethodPost, "/api/v1/accounts", body}, &a); err != nil {
		return err
	}
	return out.line(a)
}

// UserPassword is `fengsui user password`.
type UserPassword struct {
	Name string `arg:"" help:"Name of the account"`
	Data string `required:"" help:"Folder of the station's data"`
}

// Run prints the account.
func (c *UserPassword) Run(out Output) error {
	password, err := readPassword(os.Stdin)
	if err != nil {
		return err
	}
	return change(out, c.Data, c.Name, map[string]any{"password": password})
}

// UserDisable is `fengsui user disable`.
type UserDisable struct {
	Name string `arg:"" help:"Name of the account"`
	Data string `required:"" help:"Folder of the station's data"`
}

// Run prints the account.
func (c *UserDisable) Run(out Output) error {
	return change(out, c.Data, c.Name, map[string]any{"disabled": true})
}

func change(out Output, data, name string, body map[string]any) error {
	a, err := named(out, data, name)
	if err != nil {
		return err
	}
	if err := call(out, data, request{http.MethodPatch, "/api/v1/accounts/" + a.ID, body}, &a); err != nil {
		return err
	}
	return out.line(a)
}
