package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"byoc/infra/local/lambdaruntime"
)

// gateway serves the $default route of the deployed HTTP API, as API Gateway
// does with payload format 2.0.
type gateway struct {
	functions *functions
	log       *slog.Logger
	timeout   time.Duration

	mu     sync.Mutex
	routes map[place][]apiRoute
}

type apiRoute struct {
	name, apiID string
	function    functionRef
	timeout     time.Duration
}

const maxAPIBody = 10 << 20

var functionInIntegration = regexp.MustCompile(`arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+`)

func (g *gateway) stacksChanged(_ context.Context, at place, resources []resource) error {
	integrations := map[string]resource{}
	for _, r := range ofKind(resources, "AWS::ApiGatewayV2::Integration") {
		integrations[r.physicalID] = r
	}
	var routes []apiRoute
	var problems []error
	for _, r := range ofKind(resources, "AWS::ApiGatewayV2::Route") {
		if key := r.text("RouteKey"); key != "$default" {
			problems = append(problems, fmt.Errorf("route %q: the local AWS serves only $default", key))
			continue
		}
		integration, ok := integrations[strings.TrimPrefix(r.text("Target"), "integrations/")]
		arn := functionInIntegration.FindString(integration.text("IntegrationUri"))
		if !ok || arn == "" {
			problems = append(problems, fmt.Errorf("route %s leads to no function", r))
			continue
		}
		if version := integration.text("PayloadFormatVersion"); version != "2.0" {
			problems = append(problems, fmt.Errorf("integration %s: the local AWS knows payload format 2.0, not %q", integration, version))
			continue
		}
		timeout := g.timeout
		if ms, ok := integration.value("TimeoutInMillis").(float64); ok {
			timeout = min(timeout, time.Duration(ms)*time.Millisecond)
		}
		routes = append(routes, apiRoute{
			name: r.String(), apiID: r.text("ApiId"), timeout: timeout,
			function: parseFunctionRef(arn, functionRef{}),
		})
	}
	sort.Slice(routes, func(i, j int) bool { return routes[i].name < routes[j].name })
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.routes == nil {
		g.routes = map[place][]apiRoute{}
	}
	g.routes[at] = routes
	return errors.Join(problems...)
}

var (
	errNoAPI       = errors.New("no HTTP API with a $default route is deployed")
	errSeveralAPIs = errors.New("several HTTP APIs are deployed, and only one can be served")
)

func (g *gateway) route() (apiRoute, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []apiRoute
	for _, routes := range g.routes {
		all = append(all, routes...)
	}
	switch len(all) {
	case 0:
		return apiRoute{}, errNoAPI
	case 1:
		return all[0], nil
	}
	return apiRoute{}, errSeveralAPIs
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer g.functions.work.enter()()
	requestID := strings.ReplaceAll(uuid.NewString(), "-", "")[:15] + "="
	w.Header().Set("Apigw-Requestid", requestID)
	route, err := g.route()
	if err != nil {
		message(w, http.StatusServiceUnavailable, "Local AWS: "+err.Error())
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAPIBody+1))
	if err != nil {
		message(w, http.StatusBadRequest, "Bad Request")
		return
	}
	if len(body) > maxAPIBody {
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	event := mustJSON(apiEvent(r, route, body, requestID))
	if len(event) > lambdaruntime.MaxPayload {
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	result, err := g.invoke(route, event)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errThrottledFunction), errors.Is(err, errThrottledAccount):
		message(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		g.log.Error("HTTP API cannot invoke its function", "function", route.function.name, "cause", err)
		message(w, http.StatusInternalServerError, "Internal Server Error")
	case result.failed:
		g.log.Error("function behind the HTTP API failed", "function", route.function.name, "payload", string(result.payload))
		message(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		if err := writeAPIAnswer(w, r, result.payload); err != nil {
			g.log.Error("answer of the function behind the HTTP API is malformed", "cause", err)
			message(w, http.StatusInternalServerError, "Internal Server Error")
		}
	}
}

// invoke gives up after the integration's timeout; the function runs on.
func (g *gateway) invoke(route apiRoute, event []byte) (outcome, error) {
	type ended struct {
		result outcome
		err    error
	}
	done := make(chan ended, 1)
	g.functions.work.run(func() {
		result, err := g.functions.invoke(g.functions.lifetime, route.function, event, uuid.NewString())
		done <- ended{result, err}
	})
	timeout := time.NewTimer(route.timeout)
	defer timeout.Stop()
	select {
	case e := <-done:
		return e.result, e.err
	case <-timeout.C:
		return outcome{}, context.DeadlineExceeded
	}
}

func message(w http.ResponseWriter, status int, text string) {
	body := mustJSON(map[string]string{"message": text})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
