package marks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// While a change is being committed there is no mark: it cannot be known whether readers see it yet.
func TestNoMarkWhileACommitIsUnderWay(t *testing.T) {
	var m Marks
	before, _ := m.Mark("a")
	m.Begin([]string{"a"})
	m.Begin([]string{"a"}) // the next writer begins before the first has told of its end
	for range 2 {
		if _, ok := m.Mark("a"); ok {
			t.Error("there is a mark in the middle of a commit")
		}
		m.End([]string{"a"})
	}
	if now, ok := m.Mark("a"); !ok || now == before {
		t.Errorf("afterwards the mark is %d, %v", now, ok)
	}
}

// questions are those that were asked, each of which waits for its answer.
type questions chan question

type question struct {
	base   string
	answer chan<- Answer
	fail   chan<- error
}

func (q questions) ask(_ context.Context, base string) (Answer, error) {
	answer, fail := make(chan Answer), make(chan error)
	q <- question{base, answer, fail}
	select {
	case a := <-answer:
		return a, nil
	case err := <-fail:
		return Answer{}, err
	}
}

// Who comes while a question is under way is told by the next one, which is one for all of them.
func TestAnAnswerIsOfAQuestionThatCameLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Marks
		asked := make(questions)
		f := NewFeed(&m, asked.ask, 0)
		var wg sync.WaitGroup
		told := func() { wg.Go(func() { f.Current(t.Context()) }) } //nolint:errcheck // what is told is looked at below
		told()
		first := <-asked
		for range 5 {
			told()
		}
		synctest.Wait()
		first.answer <- Answer{Base: "1"}
		second := <-asked
		if first.base != "" || second.base != "1" {
			t.Errorf("the questions began at %q and %q", first.base, second.base)
		}
		a, _ := m.Mark("a")
		b, _ := m.Mark("another key")
		second.answer <- Answer{Base: "2", Keys: []string{"a"}}
		wg.Wait() // a third question would have nobody to answer it
		if now, _ := m.Mark("a"); now == a {
			t.Error("what has changed has its old mark")
		}
		if now, _ := m.Mark("another key"); now != b {
			t.Error("what has not changed has another mark")
		}
	})
}

// Where nothing was learned it is not known what has changed: the next answer voids all marks. Nobody waits for ever.
func TestAFailedQuestionVoidsWhatWasKnown(t *testing.T) {
	var m Marks
	answers := []func() (Answer, error){
		func() (Answer, error) { return Answer{Base: "1"}, nil },
		func() (Answer, error) { return Answer{Base: "2"}, nil },
		func() (Answer, error) { return Answer{}, errors.New("broken") },
		func() (Answer, error) { panic("boom") },
		func() (Answer, error) { return Answer{Base: "5"}, nil },
		func() (Answer, error) { return Answer{Base: "6", All: true}, nil },
	}
	var bases []string
	f := NewFeed(&m, func(_ context.Context, base string) (Answer, error) {
		bases = append(bases, base)
		return answers[len(bases)-1]()
	}, 0)
	var marks []uint64
	for n := range answers {
		err := f.Current(t.Context())
		if broken := n == 2 || n == 3; (err != nil) != broken || n == 3 && !strings.Contains(err.Error(), "boom") {
			t.Errorf("question %d: %v", n+1, err)
		}
		mark, _ := m.Mark("a")
		marks = append(marks, mark)
	}
	if got, want := fmt.Sprint(marks), "[1 1 1 1 2 3]"; got != want {
		t.Errorf("the mark was %s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%q", bases), `["" "1" "2" "" "" "5"]`; got != want {
		t.Errorf("questions began at %s, want %s", got, want)
	}
}

// Whoever goes away takes nobody along.
func TestWhoAskedFirstMayGoAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Marks
		asked := make(questions)
		f := NewFeed(&m, asked.ask, 0)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		go func() { done <- f.Current(ctx) }()
		question := <-asked
		go func() { done <- f.Current(t.Context()) }()
		synctest.Wait()
		cancel()
		question.answer <- Answer{Base: "1"}
		<-done // whether it was told or has gone is all the same
		(<-asked).answer <- Answer{Base: "2"}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// An answer is good enough for the time of rest, and no longer.
func TestAnAnswerIsGoodForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Marks
		asked := 0
		f := NewFeed(&m, func(context.Context, string) (Answer, error) {
			asked++
			return Answer{Base: fmt.Sprint(asked)}, nil
		}, time.Second)
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{0, 1}, {0, 1}, {time.Second / 2, 1}, {time.Second/2 - 1, 1}, {1, 2}, {time.Hour, 3}} {
			<-time.After(c.after)
			synctest.Wait()
			if err := f.Current(t.Context()); err != nil || asked != c.want {
				t.Errorf("%v later there were %d questions, want %d: %v", c.after, asked, c.want, err)
			}
		}
	})
}
