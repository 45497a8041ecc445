package docs

import (
	"fmt"
	"math"
	"os"
	"testing"

	"byoc/bench/cost"
)

// What the rest of the system comes to, as cost.md tells it.
func TestTheCostOfProvisionsCloudsAndCallsIsWhatTheFiguresMake(t *testing.T) {
	run := func(name string, w cost.Work) string {
		return fmt.Sprintf("| %s | %.0f | %.0f | %.1f | %.0f | $%.4f |", name, w.Transitions, w.LambdaCalls, w.GBSeconds, w.Writes, w.Dollars())
	}
	idle := cost.Idle()
	says(t, "cost.md",
		run("a provision", cost.Provision.Work()),
		run("a deletion", cost.Deletion.Work()),
		fmt.Sprintf("| looked at every hour | $%.4f |", idle.Looks),
		fmt.Sprintf("| the function that looks, at most | $%.4f |", idle.Function),
		fmt.Sprintf("| its record of calls, after %.0f days | $%.4f |", cost.HistoryDays, idle.History),
		fmt.Sprintf("| what else is stored of it | $%.6f |", idle.Stored),
		fmt.Sprintf("| point-in-time recovery of what is stored | $%.4f |", idle.Backup),
		fmt.Sprintf("| together | $%.3f |", idle.Dollars()),
		fmt.Sprintf("at most $%.2f a month", cost.Schedules()),
		fmt.Sprintf("| GET of a cloud | $%.4f |", 1000*cost.Get.Work().Dollars()),
		fmt.Sprintf("| list of 100 | $%.4f |", 1000*cost.List.Work().Dollars()),
		fmt.Sprintf("| create | $%.4f |", 1000*cost.Create.Work().Dollars()),
		fmt.Sprintf("| update | $%.4f |", 1000*cost.Update.Work().Dollars()),
	)
}

// The guide's own table has what the stack does with no cloud; infra/stack holds
// what it counts.
func TestTheGuidesCostOfACloudIsThatOfTheModel(t *testing.T) {
	once := max(cost.Provision.Work().Dollars(), cost.Deletion.Work().Dollars())
	says(t, "first-deploy.md",
		fmt.Sprintf("**about $%.2f** a month", cost.Idle().Dollars()),
		fmt.Sprintf("4.20 + %.2f × n", cost.Idle().Dollars()),
		fmt.Sprintf("**less than $%.3f**", math.Ceil(once*1000)/1000),
		fmt.Sprintf("%.2f per million calls, %.7f per GB-second", cost.LambdaCall*1e6, cost.LambdaGBSecond),
		fmt.Sprintf("%.3f per million read units", cost.DynamoDBRead*1e6),
		fmt.Sprintf("| %.2f per million | five pollers", cost.QueueCall*1e6),
		fmt.Sprintf("| logs | %.2f per GB |", cost.LogGB),
		fmt.Sprintf("API requests %.2f per million", cost.HTTPAPICall*1e6),
	)
}

// The counts that the pages are computed from are those of the results.
func TestTheCountsAreThoseOfTheResults(t *testing.T) {
	results, err := os.ReadFile("../bench/results.md")
	if err != nil {
		t.Fatal(err)
	}
	provision, deletion, err := cost.Measured(string(results))
	if err != nil {
		t.Fatal(err)
	}
	for run, c := range map[string]struct{ typed, measured cost.Counted }{
		"provision": {cost.Provision, provision}, "deletion": {cost.Deletion, deletion},
	} {
		for _, v := range []struct {
			name                  string
			typed, measured, part float64
		}{
			{"state transitions", c.typed.Transitions, c.measured.Transitions, 0},
			{"function calls", c.typed.FunctionCalls, c.measured.FunctionCalls, 0},
			{"table transactions", c.typed.Transactions, c.measured.Transactions, 0},
			{"table updates", c.typed.Updates, c.measured.Updates, 0.1},
			{"table puts", c.typed.Puts, c.measured.Puts, 0.1},
			{"table reads", c.typed.Reads, c.measured.Reads, 0.1},
			{"seconds of functions", c.typed.FunctionSeconds, c.measured.FunctionSeconds, 0.3},
		} {
			if math.Abs(v.typed-v.measured) > v.part*v.measured {
				t.Errorf("bench/cost/counted.go has %v %s of a %s, bench/results.md %v", v.typed, v.name, run, v.measured)
			}
		}
	}
}

func TestTheRequestsCountedAreThoseOfTheResults(t *testing.T) {
	results, err := os.ReadFile("../bench/results.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []cost.Request{cost.Get, cost.List, cost.Create, cost.Update} {
		measured, err := typed.Measured(string(results))
		if err != nil {
			t.Error(err)
			continue
		}
		if measured.HandlerMS > typed.HandlerMS {
			t.Errorf("a %s takes %v ms by bench/results.md, and is priced with %v", typed.Name, measured.HandlerMS, typed.HandlerMS)
		}
		if measured.HandlerMS = typed.HandlerMS; measured != typed {
			t.Errorf("bench/cost/counted.go has %+v, bench/results.md %+v", typed, measured)
		}
	}
}
