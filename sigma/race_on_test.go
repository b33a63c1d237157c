//go:build race

package sigma_test

const raceOn = true
