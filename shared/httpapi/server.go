package httpapi

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/idlog"
	"byoc/shared/template"
)

// Freshness is how long what is cached (principals, organizations) may differ
// from the table. A revoked token, and a feature switched on or off, takes
// effect everywhere within this time.
const Freshness = 30 * time.Second

// Config is what the API is made of. All of it is needed.
type Config struct {
	Clouds *cloud.Clouds
	// Cursor of the list's page that follows a cloud.
	Cursor func(cloud.Cloud) string
	// History of clouds.
	History   cloud.History
	Directory Directory
	Answers   Answers
	Preflight Preflighter
	// Authenticators are asked in order; the first that knows a credential's
	// kind decides.
	Authenticators []Authenticator
	Settings       Settings
	Now            func() time.Time
	Log            *slog.Logger
	// Measured makes what the line of an answered request carries of metrics;
	// code is empty where the answer is no error.
	Measured func(took time.Duration, code cloud.Code) []slog.Attr
}

// Settings of a deployment that answers show.
type Settings struct {
	// Principal is the ARN of the one role that assumes customers' roles.
	Principal string
	// ManagementCIDRs may reach the bastion hosts.
	ManagementCIDRs []netip.Prefix
	// Vendor is the name shown to people.
	Vendor string
	// TemplateBucketURL is of the bucket that customers' CloudFormation reads the
	// template from; empty where there is none.
	TemplateBucketURL string
}

type server struct {
	Config
	mux           *http.ServeMux
	unknown       *endpoint
	organizations *cache[cloud.Organization]
	directory     *cloud.Directory
	// newest version of the template.
	newest string
}

// New makes the handler. It fails where a route has no decision on who may take
// it, or where something of the configuration is missing.
func New(c Config) (http.Handler, error) {
	if c.Clouds == nil || c.Cursor == nil || c.History == nil || c.Directory == nil || c.Answers == nil || c.Preflight == nil || len(c.Authenticators) == 0 || c.Now == nil || c.Log == nil || c.Measured == nil {
		return nil, fmt.Errorf("the API's configuration is incomplete")
	}
	s := &server{
		Config: c, mux: http.NewServeMux(), organizations: newCache[cloud.Organization](1000, Freshness),
		directory: &cloud.Directory{Store: c.Directory, Now: c.Now},
		newest:    template.Version,
	}
	if err := s.register(s.routes()); err != nil {
		return nil, err
	}
	return s, nil
}

// register builds the mux from the routes: one endpoint for each path, so that
// a wrong method is answered in our own shape.
func (s *server) register(routes []route) error {
	endpoints := map[string]*endpoint{}
	for _, r := range routes {
		if err := r.check(); err != nil {
			return err
		}
		e := endpoints[r.path]
		if e == nil {
			e = &endpoint{server: s, path: r.path, routes: map[string]route{}}
			endpoints[r.path] = e
			s.mux.Handle(r.path, e)
		}
		if _, twice := e.routes[r.method]; twice {
			return fmt.Errorf("%s %s is there twice", r.method, r.path)
		}
		e.routes[r.method] = r
	}
	s.unknown = &endpoint{server: s}
	s.mux.Handle("/", s.unknown)
	return nil
}

// ServeHTTP keeps the mux from redirecting: a path that is not in its shortest
// form is no path of ours.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p := r.URL.EscapedPath(); path.Clean(p) != p {
		s.unknown.ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// endpoint is one path with its methods; one without methods is no path at all.
type endpoint struct {
	server *server
	path   string
	routes map[string]route
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := e.server
	started := s.Now()
	id := requestID(r.Context())
	c := &call{id: id, path: e.path, Request: r.WithContext(idlog.With(r.Context(), slog.String(idlog.RequestID, id),
		slog.String(idlog.Organization, loggable(r.PathValue(organizationParam))), slog.String(idlog.Cloud, loggable(r.PathValue(cloudParam)))))}
	a, err := e.answer(c)
	var body string
	if err == nil {
		body, err = a.render()
	}
	if err != nil {
		// What a problem is made of can always be encoded.
		a = c.problem(err)
		body, _ = a.render()
	}
	a.write(w, c.id, body)
	s.log(c, a.status, s.Now().Sub(started), err)
}

// answer takes a request through all steps. It turns a panic into an error:
// nothing has been written yet.
func (e *endpoint) answer(c *call) (a answer, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	if len(e.routes) == 0 {
		return answer{}, cloud.Errorf(cloud.NotFound, "There is nothing at this path.")
	}
	r, ok := e.routes[c.Method]
	if !ok {
		return answer{}, wrongMethod(e.routes)
	}
	s := e.server
	if r.decision.kind != anyone {
		if c.principal, err = s.authenticate(c.Request); err != nil {
			return answer{}, err
		}
		if c.organizationID, err = r.decision.decide(c.principal, c.PathValue(organizationParam)); err != nil {
			return answer{}, err
		}
	}
	if err = c.readBody(); err != nil {
		return answer{}, err
	}
	if r.byoc {
		if err = s.requireBYOC(c); err != nil {
			return answer{}, err
		}
	}
	if err = c.readCloudID(); err != nil {
		return answer{}, err
	}
	return s.carryOut(c, r)
}

// log writes one line for a request: no body, no token, and the cause of an
// error only here.
func (s *server) log(c *call, status int, duration time.Duration, err error) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("method", c.Method),
		slog.String("route", c.path),
		slog.String("principal", c.principal.ID),
		slog.Int("status", status),
		slog.Duration("duration", duration),
	}
	var code cloud.Code
	if err != nil {
		code = cloud.CodeOf(err)
		attrs = append(attrs, slog.String("code", string(code)))
	}
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	// Not by the logger's own methods: each looks for its caller, which no line has.
	if h := s.Log.Handler(); h.Enabled(c.Context(), level) {
		line := slog.NewRecord(s.Now(), level, "request", 0)
		line.AddAttrs(append(attrs, s.Measured(duration, code)...)...)
		_ = h.Handle(c.Context(), line)
	}
}

// loggable is a path's id as the log may have it: what is none is what somebody
// typed.
func loggable(id string) string {
	if id == "" || validID(id) {
		return id
	}
	return "malformed"
}

func shorten(s string) string {
	const longest = 64
	if len(s) > longest {
		return s[:longest]
	}
	return s
}

type requestIDKey struct{}

// withRequestID hands down the gateway's id, so that its access log and ours meet.
func withRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// requestID is the gateway's id of the request, or a new one. What a client
// sends as X-Request-Id is not taken over: two requests could share it.
func requestID(ctx context.Context) string {
	if id, ok := ctx.Value(requestIDKey{}).(string); ok && id != "" {
		return id
	}
	return rand.Text()
}
