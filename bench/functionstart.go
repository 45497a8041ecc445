package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// startRounds is how often each binary is started, after one start that counts
// for nothing but the page cache.
const startRounds = 200

// startLimits are ratios to the bare handler.
func startLimit(function string) float64 {
	if function == "api" {
		return 1.9
	}
	return 2.3
}

// functionEnvironment is what the functions want set; they ask nobody for it.
var functionEnvironment = []string{
	"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token",
	"AWS_LAMBDA_FUNCTION_NAME=bench", "TABLE_NAME=table", "METRICS_NAMESPACE=bench", "EVENT_BUS_NAME=bus",
	"PROVISION_MACHINE_ARN=arn:aws:states:eu-west-1:111111111111:stateMachine:provision",
	"DEPROVISION_MACHINE_ARN=arn:aws:states:eu-west-1:111111111111:stateMachine:deprovision",
	"CUSTOMER_ACCESS_ROLE_ARN=arn:aws:iam::111111111111:role/byoc-customer-access",
	"VALIDATE_ROLE_FUNCTION_ARN=arn:aws:lambda:eu-west-1:111111111111:function:validaterole",
	"VENDOR_ACCOUNT_ID=111111111111", "VENDOR_NAME=Vendor", "MANAGEMENT_CIDRS=198.51.100.0/24", "MANAGEMENT_PORTS=22",
	"MAIL_SENDER=byoc@vendor.example", "CLOUD_URL=https://api.vendor.example",
}

// functionStart measures exec to the first question for an invocation.
func functionStart(_ context.Context, w *world) (group, error) {
	g := group{method: fmt.Sprintf(
		"From exec of the binary to its first `next` on the runtime API; in each of %d rounds every binary once, beside a bare aws-lambda-go handler built with the same flags, in an order in which each comes after each other about as often. The ratio is of the two starts of a round. Peak memory is VmHWM at that moment.", startRounds)}
	names, err := w.functions()
	if err != nil {
		return g, err
	}
	binaries := map[string]string{"bare": w.path("build", "bench", "bare")}
	for _, name := range names {
		binaries[name] = w.path("build", architecture(), "functions", name, "bootstrap")
	}
	order := append([]string{"bare"}, names...)
	times, peaks := map[string][]float64{}, map[string][]float64{}
	for round := range startRounds + 1 {
		for _, i := range turns(len(order), round) {
			name := order[i]
			took, peak, err := startOnce(binaries[name])
			if err != nil {
				return g, fmt.Errorf("starting %s: %w", name, err)
			}
			if round > 0 {
				times[name] = append(times[name], took.Seconds()*1000)
				peaks[name] = append(peaks[name], peak)
			}
		}
	}
	for _, name := range order {
		g.add(figure{name: name + ", exec to first next", unit: "ms", values: times[name]})
	}
	for _, name := range names {
		g.add(figure{name: name + " ÷ bare", unit: "ratio", values: ratios(times[name], times["bare"]), limit: startLimit(name)})
	}
	for _, name := range order {
		info, err := os.Stat(binaries[name])
		if err != nil {
			return g, err
		}
		g.add(figure{name: name + ", binary", unit: "MB", values: []float64{float64(info.Size()) / 1e6}})
	}
	for _, name := range order {
		g.add(figure{name: name + ", peak memory at the first next", unit: "MB", values: peaks[name]})
	}
	return g, nil
}

// turns is the order of n in a round: a zigzag that moves on by one each round and
// runs backwards every other n rounds. Moving on alone would leave each behind the
// same other; so each follows each other equally often in 2n rounds.
func turns(n, round int) []int {
	order := make([]int, n)
	for i := range order {
		at := (i + 1) / 2
		if i%2 == 0 {
			at = n - i/2
		}
		order[i] = (at + round) % n
	}
	if round/n%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

// startOnce answers the time, and the peak of memory in MB.
func startOnce(binary string) (time.Duration, float64, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	asked := make(chan time.Time, 1)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- time.Now():
		default:
		}
		<-r.Context().Done()
	})}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	cmd := exec.Command(binary)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}, functionEnvironment...)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	select {
	case at := <-asked:
		peak, err := peakMemory(cmd.Process.Pid)
		return at.Sub(began), peak, err
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return 0, 0, fmt.Errorf("%s asked for nothing: %s", filepath.Base(binary), out.String())
	}
}

// peakMemory of a process in MB. The kernel's rusage would count what the
// parent had before exec.
func peakMemory(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1000, err
		}
	}
	return 0, fmt.Errorf("no VmHWM of process %d", pid)
}
