//go:build race

package durability_test

const raceOn = true
