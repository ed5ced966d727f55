package mfa

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

func drawPlan(t *rapid.T) Plan {
	kind := rapid.SampledFrom([]string{"device", "questions", "selections"}).Draw(t, "kind")
	count := func(name string) *int {
		n := rapid.IntRange(0, 4).Draw(t, name)
		if n == 0 {
			return nil
		}
		return &n
	}
	return Plan{Captcha: rapid.SampledFrom([]string{"", "good"}).Draw(t, "captcha"), MFA: &custom.MFA{
		Type: &kind, QuestionRounds: count("question rounds"), QuestionsPerRound: count("questions"),
		SelectionRounds: count("selection rounds"), SelectionsPerQuestion: count("selections"),
	}}
}

// rightReply is what the documentation says is right: of answers to choose from, the first; of questions, by their place.
func rightReply(c connector.Challenge, round int) map[string]string {
	values := map[string]string{"recaptcha": "x", "device": "device_0", "code": "1234"}
	for j, q := range c.Questions {
		values[fmt.Sprint("answer_", j)] = fmt.Sprintf("answer_%d_%d", round, j)
		if len(q.Answers) > 0 {
			values[fmt.Sprint("answer_", j)] = q.Answers[0].Value
		}
	}
	return values
}

// Whatever is asked, right replies lead to the end in as many steps as there are challenges, and at each of them the third wrong
// reply of a login ends it.
func TestEveryPlanCanBePassedAndLocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, place := drawPlan(t), Place{}
		wrongAt := rapid.IntRange(0, 10).Draw(t, "wrong at")
		for steps := 0; ; steps++ {
			c, more := plan.At(place)
			if !more {
				if steps != len(plan.asks()) {
					t.Fatalf("the end after %d of %d", steps, len(plan.asks()))
				}
				return
			}
			if steps == wrongAt && (c.Kind == connector.ChallengeCode || len(c.Questions) > 0) {
				locks(t, plan, place)
			}
			reply := rightReply(c, plan.asks()[place.At].round)
			next, refused, err := plan.Reply(place, reply)
			if refused != nil || err != nil {
				t.Fatalf("%+v: %v is refused: %v, %v", c, reply, refused, err)
			}
			place = next
		}
	})
}

func locks(t *rapid.T, plan Plan, place Place) {
	for left := Tries - place.Wrong - 1; left > 0; left-- {
		next, refused, err := plan.Reply(place, map[string]string{"code": "0", "answer_0": "answer_0_9"})
		if err != nil || refused == nil || refused.Code != "INVALID_MFA" || next.At != place.At {
			t.Fatalf("wrong with %d left: %+v, %v, %v", left, next, refused, err)
		}
		if c, _ := plan.At(next); c.Remaining != left {
			t.Fatalf("%d remain, want %d", c.Remaining, left)
		}
		place = next
	}
	_, _, err := plan.Reply(place, nil)
	if failed, ok := errors.AsType[*plaid.Error](err); !ok || failed.Code != "ITEM_LOCKED" {
		t.Fatalf("the last wrong reply: %v", err)
	}
}

// A place outside its plan is no way to the end of a login.
func TestPlacesOutsideThePlan(t *testing.T) {
	kind := "device"
	plan := Plan{MFA: &custom.MFA{Type: &kind}}
	for _, at := range []int{-1, 2, 100} {
		if _, _, err := plan.Reply(Place{At: at}, map[string]string{"code": "1234"}); err == nil {
			t.Errorf("a reply at %d is taken", at)
		}
	}
	if c, ok := plan.At(Place{At: 1, Device: 99}); !ok || c.Destination == "" {
		t.Errorf("%+v", c)
	}
}
