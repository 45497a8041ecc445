package httpapi

import (
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

func key(k string) option { return header(keyHeader, k) }

func TestARepeatedPostGetsTheFirstAnswer(t *testing.T) {
	a := newAPI(t)
	first := a.as(admin, "POST", acmes+"?limit=999", draftBody, key("k")).wants(201)
	id := first.cloud()["custom_cloud_environment_id"].(string)
	a.as(admin, "PUT", acmes+"/"+id, `{"display_name":"Renamed"}`).wants(200)
	again := a.as(admin, "POST", acmes, draftBody, key("k")).wants(201)
	if again.text != first.text || again.header.Get("ETag") != `"1"` || again.header.Get("Location") != first.header.Get("Location") || again.header.Get(replayedHeader) != "true" {
		t.Errorf("%v %s", again.header, again.text)
	}
	if len(a.clouds) != 1 {
		t.Errorf("%d clouds", len(a.clouds))
	}
	a.as(admin, "POST", acmes, strings.ReplaceAll(draftBody, "Main", "Other"), key("k")).wants(422)
}

func TestAKeyIsThePrincipalsAndThePathsOwn(t *testing.T) {
	a := newAPI(t)
	a.as(admin, "POST", acmes, draftBody, key("k")).wants(201)
	// Another principal, and another path: their own requests.
	a.as(operator, "POST", acmes, strings.ReplaceAll(draftBody, "Main", "Operator's"), key("k")).wants(400)
	r := a.as(admin, "POST", acme+"/custom-cloud-requests", `{"cloud_provider":"google","cloud_region":"europe-west1","display_name":"G"}`, key("k")).wants(202)
	if r.header.Get(replayedHeader) != "" {
		t.Error("replayed")
	}
	// An operator who happens to have the administrator's id is somebody else.
	a.tokens[hashOf("namesake")] = cloud.Token{Hash: hashOf("namesake"), Principal: cloud.Principal{ID: "ann", Role: cloud.Operator, Email: "ann@vendor.example"}}
	a.as("namesake", "POST", acmes, strings.ReplaceAll(draftBody, "Main", "Namesake's"), key("k")).wants(201)
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	a := newAPI(t)
	first := a.as(admin, "POST", acme+"/custom-cloud-requests", `{"cloud_provider":"google","cloud_region":"europe-west1","display_name":"G"}`, key("k")).wants(202)
	a.now = a.now.Add(24*time.Hour - time.Second)
	if r := a.as(admin, "POST", acme+"/custom-cloud-requests", `{"cloud_provider":"google","cloud_region":"europe-west1","display_name":"G"}`, key("k")).wants(202); r.text != first.text {
		t.Error(r.text)
	}
	for k, kept := range a.kept {
		kept.At = kept.At.Add(-time.Second)
		a.kept[k] = kept
	}
	a.forget = true
	a.as(admin, "POST", acme+"/custom-cloud-requests", `{"cloud_provider":"azure","cloud_region":"westeurope","display_name":"A"}`, key("k")).wants(202)
	if len(a.requests) != 2 {
		t.Errorf("%d requests", len(a.requests))
	}
}

func TestARefusedRequestMayBeRepeated(t *testing.T) {
	a := newAPI(t)
	a.as(admin, "POST", acmes, `{}`, key("k")).wants(400)
	a.as(admin, "POST", acmes, draftBody, key("k")).wants(201)
}

func TestAProvisionThatHadNothingToWriteIsKeptToo(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	role := `{"aws_iam_role_arn":"` + roleARN + cloud.Stem(id) + `-iam-role"}`
	a.as(admin, "POST", acmes+"/"+id+"/provision", role).wants(200)
	first := a.as(admin, "POST", acmes+"/"+id+"/provision", role, key("k")).wants(200)
	a.inState(id, cloud.Active)
	if again := a.as(admin, "POST", acmes+"/"+id+"/provision", role, key("k")).wants(200); again.text != first.text {
		t.Error(again.text)
	}
}

// The other one comes between the look for a kept answer and the write.
func TestOfTwoPostsAtOnceTheLoserGetsTheWinnersAnswer(t *testing.T) {
	for _, afterWrite := range []bool{false, true} {
		a := newAPI(t)
		var winner response
		a.table.between = func() {
			winner = a.as(admin, "POST", acmes, draftBody, key("k")).wants(201)
		}
		if afterWrite {
			// The winner's record is not seen by the write, only its name.
			a.table.blind = true
		}
		loser := a.as(admin, "POST", acmes, draftBody, key("k")).wants(201)
		if loser.text != winner.text || len(a.clouds) != 1 {
			t.Errorf("%d clouds: %s", len(a.clouds), loser.text)
		}
	}
}

func TestAKeyIsOneToken(t *testing.T) {
	a := newAPI(t)
	for _, k := range []string{"", " ", "a b", "ä", "\x00", strings.Repeat("x", 256)} {
		if r := a.as(admin, "POST", acmes, draftBody, key(k)).wants(400); r.locations()[0] != "header.Idempotency-Key" {
			t.Errorf("%q: %s", k, r.text)
		}
	}
	if len(a.clouds) != 0 {
		t.Error("something was created")
	}
	a.as(admin, "POST", acmes, draftBody, key(strings.Repeat("x", 255))).wants(201)
}
