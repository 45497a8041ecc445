package local

import (
	"log/slog"
	"time"

	"byoc/infra/local/awscall"
)

// DefaultAccount is the account that credentials nobody handed out act in,
// and the only one whose state machines run: moto's interpreter calls other
// services as this account.
const DefaultAccount = "123456789012"

// Config says where the local AWS listens and how it behaves. The zero value
// of every field is usable.
type Config struct {
	// Addr is where AWS is served; 127.0.0.1:4566 if empty. Port 0 picks one.
	Addr string
	// Upstream is the URL of a moto server that is already running. Its
	// environment must have MOTO_PORT set to the port of Addr, because its
	// state machine interpreter calls back there. Empty: one is started.
	Upstream string
	// APIAddr is where the $default route of the deployed HTTP API is
	// served; 127.0.0.1:8080 if empty. Port 0 picks one.
	APIAddr string
	// Dir keeps outbox/, functions/ and logs/; a temporary folder, removed at
	// Close, if empty.
	Dir string
	// Region and Account are where the stacks live: eu-west-1 and
	// DefaultAccount if empty.
	Region, Account string
	// Behaviours makes what wraps every call, the first outermost. It is called
	// once, with the emulator that the behaviours may look into; none if nil.
	Behaviours func(awscall.Emulator) []awscall.Behaviour
	// Log receives what a developer should see; nothing if nil.
	Log *slog.Logger

	// FreshRoleDelay is how long a role just created cannot be assumed.
	FreshRoleDelay time.Duration
	// MaxConcurrency is the account's limit of concurrent executions of
	// functions; 1000 if zero.
	MaxConcurrency int
	// IdleTimeout is how long an idle function process is kept; five minutes
	// if zero.
	IdleTimeout time.Duration
	// AsyncRetries are the pauses before the retries of an asynchronous
	// invocation that failed; one and two seconds if nil.
	AsyncRetries []time.Duration
	// PollWait is how long a poll of a queue waits for messages; ten seconds
	// if zero.
	PollWait time.Duration
	// ScheduleInterval, if set, replaces the rate of every schedule. A
	// negative one stops schedules from firing by themselves.
	ScheduleInterval time.Duration
	// IntegrationTimeout is the HTTP API's limit for a function; 30 seconds
	// if zero.
	IntegrationTimeout time.Duration
	// KeepCalls is how many calls are kept on record; 200,000 if zero.
	KeepCalls int
}

func (c Config) withDefaults() Config {
	setDefault(&c.Addr, "127.0.0.1:4566")
	setDefault(&c.APIAddr, "127.0.0.1:8080")
	setDefault(&c.Region, "eu-west-1")
	setDefault(&c.Account, DefaultAccount)
	setDefault(&c.MaxConcurrency, 1000)
	setDefault(&c.IdleTimeout, 5*time.Minute)
	setDefault(&c.PollWait, 10*time.Second)
	setDefault(&c.IntegrationTimeout, 30*time.Second)
	setDefault(&c.KeepCalls, 200_000)
	if c.AsyncRetries == nil {
		c.AsyncRetries = []time.Duration{time.Second, 2 * time.Second}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
