// Package authn knows who may sign in: accounts of people with passwords, their
// sessions, and tokens of programs.
//
// These are all the ways in, and there is no other that issues a session or a
// token: the one-time set-up code while there is no account, name and password,
// and the owner of the host at the command line.
//
// Passwords are kept as Argon2id with their parameters and are hashed anew at
// sign-in when the parameters have changed. Sessions and tokens are 256 random
// bits of which the station keeps the SHA-256 only. Nothing is cached: who is
// disabled, signed out, revoked or given another role is refused at the next
// request.
//
// A wrong name, a wrong password and a disabled account get the same answer in
// the same time. Failed attempts are counted per address, and per name at an
// address, and make the next one wait; the counts survive a restart. Nothing is
// counted per name alone, so that nobody can keep an administrator out from
// elsewhere.
package authn
