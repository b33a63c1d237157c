package ledger

import "time"

// keyBook remembers idempotency keys for a day.
type keyBook struct {
	keep  time.Duration
	limit int
	rows  map[keyID]keyRow
	order []keyRow // by time of commit, oldest first
}

func newKeyBook(keep time.Duration, limit int) *keyBook {
	return &keyBook{keep: keep, limit: limit, rows: map[keyID]keyRow{}}
}

// find returns the batch that bore a key, if that was within the time kept.
func (k *keyBook) find(id keyID, now time.Time) (keyRow, bool) {
	row, ok := k.rows[id]
	return row, ok && now.Sub(row.At) < k.keep
}

// add remembers rows and forgets what is too old or too many.
func (k *keyBook) add(rows []keyRow, now time.Time) {
	for _, row := range rows {
		k.rows[row.ID] = row
		k.order = append(k.order, row)
	}
	drop := 0
	for drop < len(k.order) && (len(k.order)-drop > k.limit || now.Sub(k.order[drop].At) >= k.keep) {
		old := k.order[drop]
		if have := k.rows[old.ID]; have.First == old.First && have.At.Equal(old.At) {
			delete(k.rows, old.ID)
		}
		drop++
	}
	k.order = k.order[drop:]
}
