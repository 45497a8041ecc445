package networkproof

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoc/infra/local/ec2behaviour"
	"byoc/infra/sandbox"
)

// speed is how many times as fast as AWS the waits are here. Faults that last
// are given in AWS's time and shortened by it.
const speed = 5

// awsTime is a duration of AWS's, here.
func awsTime(d time.Duration) time.Duration { return d / speed }

func intervals() map[string]string {
	values := sandbox.ShortIntervals()
	values["localAwsSpeed"] = strconv.Itoa(speed)
	return values
}

// starting keeps sandboxes from building and deploying at the same time.
var starting sync.Mutex

// start brings a system of its own up, which ends with the test.
func start(t testing.TB, edit func(*ec2behaviour.Options)) *sandbox.Sandbox {
	t.Helper()
	s, stop, err := startSandbox(edit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s
}

func startSandbox(edit func(*ec2behaviour.Options)) (*sandbox.Sandbox, func(), error) {
	return startAs(edit, intervals())
}

func startAs(edit func(*ec2behaviour.Options), intervals map[string]string) (*sandbox.Sandbox, func(), error) {
	starting.Lock()
	defer starting.Unlock()
	dir, err := os.MkdirTemp("", "byoc-networkproof-")
	if err != nil {
		return nil, nil, err
	}
	behaviour := ec2behaviour.Defaults()
	if edit != nil {
		edit(&behaviour)
	}
	s, err := sandbox.Start(context.Background(), sandbox.Options{
		Root: "../..", Dir: dir,
		APIAddr: "127.0.0.1:0", LocalAWSAddr: "127.0.0.1:0",
		Context:          intervals,
		EC2:              &behaviour,
		ScheduleInterval: -1,
		PollWait:         2 * time.Second,
	})
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, nil, err
	}
	return s, func() {
		_ = s.Close()
		_ = os.RemoveAll(dir)
	}, nil
}

// common is the system that all tests share which do not need their own.
var common struct {
	once sync.Once
	s    *sandbox.Sandbox
	stop func()
	err  error
}

func shared(t testing.TB) *sandbox.Sandbox {
	t.Helper()
	common.once.Do(func() { common.s, common.stop, common.err = startSandbox(nil) })
	if common.err != nil {
		t.Fatal("starting the system:", common.err)
	}
	return common.s
}

// TestMain lets more tests run at once than there are processors: they wait,
// mostly.
func TestMain(m *testing.M) {
	flag.Parse()
	flags := map[string]string{"test.parallel": "8"}
	if named := flag.Lookup("test.run").Value.String(); os.Getenv("PROOF") == "" && named == "" {
		fmt.Println("NOT TESTED: of the proof of the network engine a fault sweep by its seed only; make proof runs all of it, make sweep every fault at every call")
		flags["test.run"] = "^TestFaultSweep$"
	}
	for name, value := range flags {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if common.stop != nil {
		common.stop()
	}
	os.Exit(code)
}

var accounts atomic.Int64

// newAccount is one that nobody has used.
func newAccount() string { return fmt.Sprintf("%012d", 410000000000+accounts.Add(1)) }

// number is a number from the environment.
func number(t testing.TB, name string, fallback int64) int64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q; it has to be a number", name, text)
	}
	return n
}

// complete says that everything is to be proven, not a choice of it.
func complete() bool { return os.Getenv("SWEEP") == "complete" }

// inParallel works through the list, width at a time.
func inParallel[T any](width int, list []T, do func(T)) {
	queue := make(chan T)
	var all sync.WaitGroup
	for range min(width, len(list)) {
		all.Go(func() {
			for item := range queue {
				do(item)
			}
		})
	}
	for item := range slices.Values(list) {
		queue <- item
	}
	close(queue)
	all.Wait()
}
