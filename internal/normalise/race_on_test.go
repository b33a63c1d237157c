//go:build race

package normalise_test

const raceOn = true
