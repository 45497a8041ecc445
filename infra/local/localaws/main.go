// Command localaws serves AWS on this machine until it is interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"byoc/infra/local"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "localaws:", err)
		os.Exit(1)
	}
}

func run() error {
	var config local.Config
	flag.StringVar(&config.Addr, "addr", "127.0.0.1:4566", "where AWS is served")
	flag.StringVar(&config.APIAddr, "api-addr", "127.0.0.1:8080", "where the deployed HTTP API is served")
	flag.StringVar(&config.Upstream, "upstream", "", "URL of a moto server that is running already; its MOTO_PORT must be the port of -addr, its MOTO_IAM_LOAD_MANAGED_POLICIES true")
	flag.StringVar(&config.Dir, "dir", ".local/aws", "folder of outbox, logs and function code")
	flag.StringVar(&config.Region, "region", "eu-west-1", "region of the stacks")
	verbose := flag.Bool("v", false, "log refusals of AssumeRole and the like")
	flag.Parse()

	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	config.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := local.Start(ctx, config)
	if err != nil {
		return err
	}
	fmt.Printf("AWS_ENDPOINT_URL=%s\nHTTP API: %s\nmail: %s\nfunction logs: %s\n",
		server.URL(), server.APIURL(), server.OutboxDir(), server.LogDir())
	server.Wait()
	if ctx.Err() == nil {
		return fmt.Errorf("moto_server ended, see %s", server.LogDir())
	}
	return nil
}
