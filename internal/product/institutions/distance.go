package institutions

import "math/bits"

// allowedErrors is how many typing errors a word of a name may be away from what was typed. Short words have none: with
// one error, half of all short words are the other half.
func allowedErrors(word string) int {
	switch n := len(word); {
	case n >= 8:
		return 2
	case n >= 4:
		return 1
	}
	return 0
}

// letterSet is the set of a word's letters and digits as bits. Other bytes share what is left of the 64.
func letterSet(word string) uint64 {
	var set uint64
	for i := range len(word) {
		switch c := word[i]; {
		case c >= 'a' && c <= 'z':
			set |= 1 << (c - 'a')
		case c >= '0' && c <= '9':
			set |= 1 << (26 + c - '0')
		default:
			set |= 1 << (36 + c%28)
		}
	}
	return set
}

// mayBeWhole tells, from lengths and letters alone, whether two words can be within a number of errors: one error adds or
// takes at most one letter on either side. It spares nearly all words the table of distance.
func mayBeWhole(typed, word string, typedSet, wordSet uint64, errors int) bool {
	return len(typed)-len(word) <= errors && len(word)-len(typed) <= errors &&
		mayLack(typedSet, wordSet, errors) && mayLack(wordSet, typedSet, errors)
}

// mayLack tells whether at most a number of the letters of one set are missing in another.
func mayLack(set, other uint64, errors int) bool { return bits.OnesCount64(set&^other) <= errors }

// distance counts the typing errors between what was typed and a word: a letter too many, a letter missing, a wrong
// letter, and two neighbours changed round, each as one (Damerau-Levenshtein, no letter edited twice). The second result
// is the smallest distance to a beginning of the word, for a word that is still being typed. Words longer than
// maxWordLength are not compared.
func distance(typed, word string) (whole, beginning int) {
	if len(typed) > maxWordLength || len(word) > maxWordLength {
		return maxWordLength, maxWordLength
	}
	var table [3][maxWordLength + 1]uint8
	before, last, row := &table[0], &table[1], &table[2]
	for j := range len(word) + 1 {
		last[j] = uint8(j)
	}
	for i := range len(typed) {
		row[0] = uint8(i + 1)
		for j := range len(word) {
			change := last[j]
			if typed[i] != word[j] {
				change++
			}
			best := min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && typed[i] == word[j-1] && typed[i-1] == word[j] {
				best = min(best, before[j-1]+1)
			}
			row[j+1] = best
		}
		before, last, row = last, row, before
	}
	beginning = len(typed)
	for _, d := range last[:len(word)+1] {
		beginning = min(beginning, int(d))
	}
	return int(last[len(word)]), beginning
}
