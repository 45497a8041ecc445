package local_test

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"byoc/infra/local"
)

func TestServerLeavesNothingBehind(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	server, err := local.Start(ctx, local.Config{Addr: "127.0.0.1:0", APIAddr: "127.0.0.1:0", Region: region})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(server.APIURL())
	if err != nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("HTTP API before a deployment: %v, %v", response, err)
	}
	response.Body.Close()
	moto := strings.TrimPrefix(server.Emulator().URL, "http://")
	cancel()
	select {
	case <-server.Done():
	case <-time.After(2 * time.Minute):
		t.Fatal("the server outlives its context")
	}
	for _, address := range []string{moto, strings.TrimPrefix(server.URL(), "http://")} {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			t.Errorf("%s is still served", address)
		}
	}
	eventually(t, func() (string, bool) {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		// The shared server has one of these.
		return string(stacks), strings.Count(string(stacks), "(*functions).endIdle(") <= 1
	})
}

func TestBusyPortIsOneClearSentence(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, err = local.Start(context.Background(), local.Config{Addr: "127.0.0.1:0", APIAddr: listener.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), "cannot listen on "+listener.Addr().String()) {
		t.Errorf("busy port: %v", err)
	}
}

func TestMissingMotoIsOneClearSentence(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := local.Start(context.Background(), local.Config{Addr: "127.0.0.1:0", APIAddr: "127.0.0.1:0"})
	if err == nil || !strings.Contains(err.Error(), "pip install 'moto[server]==5.2.1'") {
		t.Errorf("without moto_server: %v", err)
	}
}
