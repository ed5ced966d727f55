// Package recurring finds the payments of an account that come again and again: pay, rent, subscriptions.
//
// Rows with one merchant, or where no merchant is known one name without its numbers, and one direction belong together.
// Among them a stream is three rows or more whose dates fit a rhythm: every week, every two weeks, twice a month, every
// month, every year, or another that stays the same, which is answered as UNKNOWN. The rhythm is fitted to all dates at
// once, so that a weekend or a holiday shifts a date by a few days and not those after it. Amounts may change. Where a
// merchant is paid at other times too, the rows of one amount, then those of similar amounts, are looked at by themselves;
// a stream whose price changed stays one. Two rows are a stream in its early days only where there is little doubt: nothing
// else from that merchant, and the same amount, or the kind of thing that is paid regularly.
//
// A stream whose next payment is overdue beyond the rhythm's tolerance is TOMBSTONED and has no next date.
//
// A stream's id is made of the account, who is paid, the direction and the stream's first row. It stays as rows are added
// after it and as other rows are added before it; only an older row of the stream itself changes it.
package recurring
