package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range cloud.Codes() {
		if _, ok := statuses[code]; !ok {
			t.Errorf("%s has no status", code)
		}
	}
	if len(statuses) != len(cloud.Codes()) {
		t.Error("a code that the domain does not know has a status")
	}
}

// wantsProblem holds an error against the one shape that all have.
func (r response) wantsProblem(status int) {
	r.Helper()
	r.wants(status)
	id := r.header.Get("X-Request-Id")
	if r.header.Get("Content-Type") != "application/problem+json" || id == "" {
		r.Errorf("headers %v", r.header)
	}
	message, _ := r.body["message"].(string)
	for field, want := range map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": float64(status),
		"detail": message, "instance": "urn:byoc:request:" + id, "request_id": id,
	} {
		if r.body[field] != want {
			r.Errorf("%s is %v instead of %v", field, r.body[field], want)
		}
	}
	list, _ := r.body["errors"].([]any)
	if message == "" || len(list) == 0 {
		r.Fatalf("no message or no errors: %s", r.text)
	}
	for _, e := range list {
		e := e.(map[string]any)
		if e["message"] == "" || e["status"] != float64(status) || e["error_code"] == "" {
			r.Errorf("error %v", e)
		}
	}
}

func TestEveryStatusHasTheSameShape(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	one := acmes + "/" + id
	a.inState(id, cloud.Deleting)
	long := `{"display_name":"` + strings.Repeat("x", maxBody) + `"}`
	a.as(admin, "POST", acmes, `{"display_name":3}`).wantsProblem(400)
	a.as("", "GET", acmes, "").wantsProblem(401)
	a.as(member, "POST", acmes, "").wantsProblem(403)
	a.as(admin, "GET", acmes+"/x", "").wantsProblem(404)
	a.as("", "GET", "/v1/nothing", "").wantsProblem(404)
	a.as("", "PATCH", acmes, "").wantsProblem(405)
	a.as(admin, "PUT", one, `{"display_name":"x"}`).wantsProblem(409)
	a.as(admin, "PUT", one, "", header("If-Match", `"77"`)).wantsProblem(412)
	a.as(admin, "POST", acmes, long).wantsProblem(413)
	a.as(admin, "POST", acmes, "x=y", header("Content-Type", "application/x-www-form-urlencoded")).wantsProblem(415)
	a.as(admin, "POST", acmes, draftBody, header("Content-Type", "")).wantsProblem(415)
	a.as(admin, "POST", acmes, draftBody, header("Content-Type", "application/json; charset=latin1")).wantsProblem(415)
	a.fail = cloud.Wrap(errors.New("ThrottlingException"), cloud.Unavailable, "Try again in a few seconds.")
	a.as(admin, "GET", one, "").wantsProblem(503)
	a.fail = errors.New("secret cause")
	a.as(admin, "GET", one, "").wantsProblem(500)
}

func TestTheCauseOfAnInternalErrorIsOnlyLogged(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	for name, fail := range map[string]func(){
		"plain":   func() { a.fail = errors.New("secret cause") },
		"wrapped": func() { a.fail = cloud.Wrap(errors.New("secret cause"), cloud.Internal, "internal words") },
		"panic":   func() { a.fail = nil; a.server.Clouds.Store = panics{a.table} },
	} {
		fail()
		a.log.Reset()
		r := a.as(admin, "GET", acmes+"/"+id, "")
		r.wantsProblem(500)
		if r.body["message"] != cloud.InternalMessage || strings.Contains(r.text, "secret") || strings.Contains(r.text, "internal words") {
			t.Errorf("%s: %s", name, r.text)
		}
		log := a.log.String()
		if !strings.Contains(log, "secret cause") || !strings.Contains(log, r.header.Get("X-Request-Id")) {
			t.Errorf("%s: the log lacks the cause or the request id: %s", name, log)
		}
	}
}

type panics struct{ *table }

func (panics) Find(context.Context, string, string) (cloud.Cloud, error) { panic("secret cause") }

func TestTheLogNamesTheRequestAndNothingSecret(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	a.log.Reset()
	a.as(admin, "PUT", acmes+"/"+id, `{"display_name":"confidential"}`).wants(200)
	log := a.log.String()
	for _, want := range []string{`"organization":"acme"`, `"cloud":"` + id, `"principal":"ann"`, `"status":200`, `"duration":`, `"method":"PUT"`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in %s", want, log)
		}
	}
	for _, secret := range []string{admin, hashOf(admin), "confidential", a.clouds[id].ExternalID} {
		if strings.Contains(log, secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
}

func TestTheClientsRequestIDIsNotTakenOver(t *testing.T) {
	a := newAPI(t)
	r := a.as("", "GET", "/v1/health", "", header("X-Request-Id", "mine\r\nX: y"))
	if got := r.header.Get("X-Request-Id"); got == "" || strings.Contains(got, "mine") {
		t.Errorf("request id %q", got)
	}
}

func TestAlreadyExistsAlwaysSaysSo(t *testing.T) {
	c := &call{id: "x"}
	p := c.problem(fmt.Errorf("storing: %w", cloud.Errorf(cloud.AlreadyExists, "Taken."))).body.(problem)
	if p.Status != 409 || !strings.Contains(p.Message, "already exists") {
		t.Errorf("%+v", p)
	}
}
