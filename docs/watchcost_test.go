package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What the watch of 100,000 custom clouds comes to, as watch-cost.md tells it.
const (
	clouds = 100_000
	parts  = 16
	// Looks are an hour apart, spread over its last tenth: 57 minutes on average.
	minutesBetween = 57.0
	hoursPerMonth  = 730.0
	tickMinutes    = 2.0

	// Of a cloud in three zones.
	networkKB       = 8.0 // its item of the network
	callsKB         = 6.0 // the record of one look's calls
	callsPerLook    = 16
	writesPerLook   = networkKB + 2 + callsKB // the index moves: a deletion and a put
	readsPerLook    = 5.0                     // due, then the cloud with its network
	historyDays     = 400.0
	functionSeconds = 110.0 // its timeout: the most a tick can take
	functionGB      = 0.5

	// us-east-1, as AWS published them in 2025.
	perMillionWrites      = 0.625
	perMillionReads       = 0.125
	perGBMonth            = 0.25
	perMillionInvocations = 0.20
	perGBSecond           = 0.0000133334 // arm64
)

func TestTheCostOfTheWatchIsWhatTheFiguresMake(t *testing.T) {
	looks := clouds * hoursPerMonth * 60 / minutesBetween
	ticks := parts * hoursPerMonth * 60 / tickMinutes
	dueAtOnce := clouds / parts * tickMinutes / minutesBetween
	writes := looks * writesPerLook / 1e6 * perMillionWrites
	reads := looks * readsPerLook / 1e6 * perMillionReads
	function := ticks/1e6*perMillionInvocations + ticks*functionSeconds*functionGB*perGBSecond
	historyGB := clouds * historyDays * 24 * 60 / minutesBetween * callsKB / 1e6
	history := historyGB * perGBMonth
	total := writes + reads + function + history
	text, err := os.ReadFile("watch-cost.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("| looks per month | %.1f million |", looks/1e6),
		fmt.Sprintf("| AWS calls in customers' accounts per second | %.0f |", looks*callsPerLook/hoursPerMonth/3600),
		fmt.Sprintf("| clouds due at a tick, of one part | %.0f |", dueAtOnce),
		fmt.Sprintf("| DynamoDB writes | $%.0f |", writes),
		fmt.Sprintf("| DynamoDB reads | $%.0f |", reads),
		fmt.Sprintf("| Lambda, %.0f invocations, at most | $%.0f |", ticks, function),
		fmt.Sprintf("| the record of the calls, %.1f TB after %.0f days | $%.0f |", historyGB/1000, historyDays, history),
		fmt.Sprintf("| together | $%.0f, $%.3f a cloud |", total, total/clouds),
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("watch-cost.md does not say %s", want)
		}
	}
}
