package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"byoc/bench/cost"
	"byoc/shared/dynamo"
)

// says that the page has all of it.
func says(t *testing.T, page string, all ...string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range all {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %s", page, want)
		}
	}
}

func TestTheCostOfTheWatchIsWhatTheFiguresMake(t *testing.T) {
	const watch = cost.Watch(100_000)
	bill := watch.Bill()
	says(t, "watch-cost.md",
		fmt.Sprintf("| looks per month | %.1f million |", float64(watch)*cost.LooksPerMonth/1e6),
		fmt.Sprintf("| AWS calls in customers' accounts per second | %.0f |", watch.CallsPerSecond()),
		fmt.Sprintf("| clouds due at a tick, of one part | %.0f |", watch.Due()),
		fmt.Sprintf("| seconds of looking at them | %.1f |", watch.Seconds()),
		fmt.Sprintf("%d calls of %.1f s in a row, %.1f s", cost.CallsPerLook, cost.CallSeconds, cost.LookSeconds),
		fmt.Sprintf("%.0f turns of %.0f at once, %.1f s of an invocation's %.0f", watch.Seconds()/cost.LookSeconds, cost.Width, watch.Seconds(), cost.InvocationSeconds),
		fmt.Sprintf("%.0f ticks, %.1f minutes", watch.TicksAllDue(), watch.MinutesAllDue()),
		fmt.Sprintf("| DynamoDB writes | $%.0f |", bill.Writes),
		fmt.Sprintf("| DynamoDB reads | $%.0f |", bill.Reads),
		fmt.Sprintf("| Lambda, %.0f invocations, at most | $%.0f |", cost.TicksPerMonth, bill.Function),
		fmt.Sprintf("| the record of the calls, %.1f TB after %.0f days | $%.0f |", float64(watch)*cost.HistoryGB/1000, cost.HistoryDays, bill.History),
		fmt.Sprintf("| its point-in-time recovery | $%.0f |", bill.Backup),
		fmt.Sprintf("| together | $%.0f, $%.3f a cloud |", bill.Dollars(), bill.Dollars()/float64(watch)),
		fmt.Sprintf("Lambda would be $%.0f", watch.FunctionByModel()),
	)
	if share := (bill.History + bill.Backup) / bill.Dollars(); share <= 2./3 || share >= 3./4 {
		t.Errorf("the history is %.2f of the bill; the page says more than two thirds", share)
	}
}

// What the model takes from the watch is what the watch has.
func TestTheModelOfTheWatchIsTheWatch(t *testing.T) {
	if cost.Parts != dynamo.Shards {
		t.Errorf("the model has %.0f parts, the table %d shards", cost.Parts, dynamo.Shards)
	}
	says(t, "../functions/watch/main.go", fmt.Sprintf("const width = %.0f\n", cost.Width))
	says(t, "../shared/watch/watch.go", fmt.Sprintf("\tbatch = %.0f\n", cost.Batch))
	says(t, "../infra/stack/schedule.go", fmt.Sprintf(`"rate(%.0f minutes)"`, cost.TickMinutes))
	says(t, "../infra/stack/function.go", fmt.Sprintf(`{name: "watch", description: "Finds lost runs and unpublished events", seconds: %.0f, memory: 512,`, cost.InvocationSeconds))
}
