package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"byoc/bench/cost"
)

// What the rest of the system comes to, as cost.md tells it.
func TestTheCostOfProvisionsCloudsAndCallsIsWhatTheFiguresMake(t *testing.T) {
	look := cost.LooksPerMonth * (cost.LookWrites*cost.DynamoDBWrite + cost.LookReads*cost.DynamoDBRead)
	history := cost.HistoryDays * 24 * 60 / cost.LookMinutes * cost.CallsKB / 1e6 * cost.DynamoDBGBMonth
	// What the sixteen schedules take is there for one cloud as for 100,000.
	ticks := 16 * cost.HoursPerMonth * 60 / 2
	idle := ticks * (cost.LambdaCall + 1*0.5*cost.LambdaGBSecond)
	text, err := os.ReadFile("cost.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("| a provision | %.0f | %.0f | %.1f | %.0f | $%.4f |", cost.Provision.Transitions, cost.Provision.FunctionCalls,
			cost.Provision.GBSeconds, cost.Provision.Work().Writes, cost.Provision.Work().Dollars()),
		fmt.Sprintf("| a deletion | %.0f | %.0f | %.1f | %.0f | $%.4f |", cost.Deletion.Transitions, cost.Deletion.FunctionCalls,
			cost.Deletion.GBSeconds, cost.Deletion.Work().Writes, cost.Deletion.Work().Dollars()),
		fmt.Sprintf("| looked at every hour | $%.4f |", look),
		fmt.Sprintf("| its record of calls, after %.0f days | $%.4f |", cost.HistoryDays, history),
		fmt.Sprintf("| what else is stored of it | $%.6f |", cost.StoredKB/1e6*cost.DynamoDBGBMonth),
		fmt.Sprintf("| together | $%.3f |", look+history+cost.StoredKB/1e6*cost.DynamoDBGBMonth),
		fmt.Sprintf("at most $%.2f a month", idle),
		fmt.Sprintf("| GET of a cloud | $%.4f |", 1000*cost.Get().Dollars()),
		fmt.Sprintf("| list of 100 | $%.4f |", 1000*cost.List().Dollars()),
		fmt.Sprintf("| create | $%.4f |", 1000*cost.Create().Dollars()),
		fmt.Sprintf("| update | $%.4f |", 1000*cost.Update().Dollars()),
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("cost.md does not say %s", want)
		}
	}
}
