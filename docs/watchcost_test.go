package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"byoc/bench/cost"
)

// What the watch of 100,000 custom clouds comes to, as watch-cost.md tells it.
const (
	clouds          = 100_000
	parts           = 16
	tickMinutes     = 2.0
	functionSeconds = 110.0 // its timeout: the most a tick can take
	functionGB      = 0.5
)

func TestTheCostOfTheWatchIsWhatTheFiguresMake(t *testing.T) {
	looks := clouds * cost.LooksPerMonth
	ticks := parts * cost.HoursPerMonth * 60 / tickMinutes
	dueAtOnce := clouds / parts * tickMinutes / cost.LookMinutes
	writes := looks * cost.LookWrites * cost.DynamoDBWrite
	reads := looks * cost.LookReads * cost.DynamoDBRead
	function := ticks*cost.LambdaCall + ticks*functionSeconds*functionGB*cost.LambdaGBSecond
	historyGB := clouds * cost.HistoryDays * 24 * 60 / cost.LookMinutes * cost.CallsKB / 1e6
	history := historyGB * cost.DynamoDBGBMonth
	total := writes + reads + function + history
	text, err := os.ReadFile("watch-cost.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("| looks per month | %.1f million |", looks/1e6),
		fmt.Sprintf("| AWS calls in customers' accounts per second | %.0f |", looks*cost.CallsPerLook/cost.HoursPerMonth/3600),
		fmt.Sprintf("| clouds due at a tick, of one part | %.0f |", dueAtOnce),
		fmt.Sprintf("| DynamoDB writes | $%.0f |", writes),
		fmt.Sprintf("| DynamoDB reads | $%.0f |", reads),
		fmt.Sprintf("| Lambda, %.0f invocations, at most | $%.0f |", ticks, function),
		fmt.Sprintf("| the record of the calls, %.1f TB after %.0f days | $%.0f |", historyGB/1000, cost.HistoryDays, history),
		fmt.Sprintf("| together | $%.0f, $%.3f a cloud |", total, total/clouds),
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("watch-cost.md does not say %s", want)
		}
	}
}
