package org

import "strings"

// digits are the characters of a unified social credit code in the order of
// their values (GB 32100-2015, table 2: no I, O, S, V, Z).
const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// validCreditCode reports whether a code has the form of GB 32100-2015 and the
// check digit that belongs to it: 18 characters in capitals, of which the third
// to the eighth are the figures of a region.
func validCreditCode(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i, c := range code[:17] {
		value := strings.IndexRune(digits, c)
		if value < 0 || (i >= 2 && i < 8 && value > 9) {
			return false
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return code[17] == digits[(31-sum%31)%31]
}
