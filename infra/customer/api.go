// Package customer does what a customer does: it calls the HTTP API, applies
// the template in an AWS account of its own, and looks into that account. The
// demo and the end-to-end tests are its callers.
package customer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"byoc/infra/runfile"
)

// Customer of a running system.
type Customer struct {
	Run runfile.Run
	// Token that calls are made with.
	Token string
	http  *http.Client
}

// New is the seeded organization's administrator.
func New(run runfile.Run) *Customer {
	return &Customer{Run: run, Token: run.Tokens.Admin, http: &http.Client{Timeout: 40 * time.Second}}
}

// With another token.
func (c *Customer) With(token string) *Customer {
	other := *c
	other.Token = token
	return &other
}

// Answer of the API.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Problem is the API's error shape.
type Problem struct {
	Status  int    `json:"status"`
	Title   string `json:"title"`
	Message string `json:"message"`
	Errors  []struct {
		Message   string `json:"message"`
		Status    int    `json:"status"`
		ErrorCode string `json:"error_code"`
		Location  string `json:"location"`
	} `json:"errors"`
	RequestID string `json:"request_id"`
}

func (p Problem) Error() string { return fmt.Sprintf("%d: %s", p.Status, p.Message) }

// Call makes one request; body is encoded as JSON unless nil.
func (c *Customer) Call(ctx context.Context, method, path string, body any, header ...string) (Answer, error) {
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return Answer{}, err
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Run.APIURL+path, reader)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "aivenv1 "+c.Token)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ":")
		req.Header.Set(name, strings.TrimSpace(value))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: data}, err
}

// do calls and decodes a 2xx answer into out; any other status is a Problem.
func (c *Customer) do(ctx context.Context, method, path string, body, out any) error {
	a, err := c.Call(ctx, method, path, body)
	if err != nil {
		return err
	}
	if a.Status/100 != 2 {
		p := Problem{Status: a.Status, Message: string(a.Body)}
		_ = json.Unmarshal(a.Body, &p)
		return p
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(a.Body, out); err != nil {
		return fmt.Errorf("%s %s answered what is no JSON: %w", method, path, err)
	}
	return nil
}

// Cloud is what the demo and the tests read of a custom cloud.
type Cloud struct {
	ID           string `json:"custom_cloud_environment_id"`
	DisplayName  string `json:"display_name"`
	State        string `json:"state"`
	CIDR         string `json:"reserved_cidr"`
	Region       string `json:"cloud_region"`
	RoleARN      string `json:"aws_iam_role_arn"`
	Principal    string `json:"aiven_aws_account_principal"`
	ExternalID   string `json:"aiven_aws_assume_role_external_id"`
	UniqueName   string `json:"byoc_unique_name"`
	MonthlyPrice struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	} `json:"monthly_price"`
	Contacts []struct {
		Email        string `json:"email"`
		BouncedAt    string `json:"bounced_at"`
		ComplainedAt string `json:"complained_at"`
	} `json:"contact_emails"`
	Names     []string `json:"custom_cloud_names"`
	NextSteps []any    `json:"next_steps"`
	Errors    []struct {
		Message string `json:"message"`
	} `json:"errors"`
	Workload map[string]Subnet `json:"aws_subnets_workload"`
	Bastion  map[string]Subnet `json:"aws_subnets_bastion"`
	Reasons  []struct {
		Reason   string `json:"reason"`
		Resource string `json:"resource"`
		Property string `json:"property"`
		Message  string `json:"message"`
		Since    string `json:"since"`
	} `json:"disconnected_reasons"`
	Template struct {
		Applied string `json:"applied_version"`
		Edits   string `json:"edits"`
	} `json:"template"`
	Provisioning struct {
		Attempt   int `json:"attempt"`
		Leftovers []struct {
			Kind    string `json:"kind"`
			ID      string `json:"id"`
			Reason  string `json:"reason"`
			Command string `json:"command"`
		} `json:"leftovers"`
		Steps []struct {
			Key        string `json:"key"`
			Title      string `json:"title"`
			Zone       string `json:"availability_zone_id"`
			State      string `json:"state"`
			ResourceID string `json:"resource_id"`
			Reason     string `json:"reason"`
		} `json:"steps"`
	} `json:"provisioning"`
}

// Subnet of a zone.
type Subnet struct {
	CIDR             string `json:"cidr"`
	AvailabilityZone string `json:"availability_zone"`
	SubnetID         string `json:"subnet_id"`
}

type envelope struct {
	Cloud Cloud `json:"custom_cloud_environment"`
}

// Clouds is the path of the organization's custom clouds, with more elements.
func (c *Customer) Clouds(elem ...string) string {
	return "/v1/organization/" + c.Run.Organization.ID + "/custom-cloud-environments" +
		strings.Join(append([]string{""}, elem...), "/")
}

// Create makes a draft.
func (c *Customer) Create(ctx context.Context, fields map[string]any) (Cloud, error) {
	var e envelope
	err := c.do(ctx, http.MethodPost, c.Clouds(), fields, &e)
	return e.Cloud, err
}

// Find reads one.
func (c *Customer) Find(ctx context.Context, id string) (Cloud, error) {
	var e envelope
	err := c.do(ctx, http.MethodGet, c.Clouds(id), nil, &e)
	return e.Cloud, err
}

// List reads all.
func (c *Customer) List(ctx context.Context) ([]Cloud, error) {
	var out struct {
		Clouds []Cloud `json:"custom_cloud_environments"`
	}
	err := c.do(ctx, http.MethodGet, c.Clouds(), nil, &out)
	return out.Clouds, err
}

// Update changes one.
func (c *Customer) Update(ctx context.Context, id string, fields map[string]any) (Cloud, error) {
	var e envelope
	err := c.do(ctx, http.MethodPut, c.Clouds(id), fields, &e)
	return e.Cloud, err
}

// SetPermissions replaces who may use it.
func (c *Customer) SetPermissions(ctx context.Context, id string, accounts, projects []string) error {
	return c.do(ctx, http.MethodPut, c.Clouds(id, "permissions"), map[string]any{"accounts": accounts, "projects": projects}, nil)
}

// Provision hands in the role ARN and starts the state machine.
func (c *Customer) Provision(ctx context.Context, id, roleARN string) (Cloud, error) {
	var e envelope
	err := c.do(ctx, http.MethodPost, c.Clouds(id, "provision"), map[string]any{"aws_iam_role_arn": roleARN}, &e)
	return e.Cloud, err
}

// Delete starts the deletion.
func (c *Customer) Delete(ctx context.Context, id string) (Cloud, error) {
	var e envelope
	err := c.do(ctx, http.MethodDelete, c.Clouds(id), nil, &e)
	return e.Cloud, err
}

// Force deletes whatever cannot be removed from the account.
func (c *Customer) Force(ctx context.Context, id string) (Cloud, error) {
	var e envelope
	err := c.do(ctx, http.MethodDelete, c.Clouds(id)+"?force=true", nil, &e)
	return e.Cloud, err
}

// Document reads an infrastructure template: terraform/template,
// terraform/variables or cloudformation/template.
func (c *Customer) Document(ctx context.Context, id, kind string) (string, error) {
	var out struct {
		Template  string `json:"template"`
		Variables string `json:"variables"`
	}
	err := c.do(ctx, http.MethodGet, c.Clouds(id, "infra-templates", kind), nil, &out)
	return out.Template + out.Variables, err
}

// Wait polls until the cloud is in one of the states, and hands every answer
// on the way to watch, which may be nil.
func (c *Customer) Wait(ctx context.Context, id string, watch func(Cloud), states ...string) (Cloud, error) {
	for failed := 0; ; {
		cloud, err := c.Find(ctx, id)
		var problem Problem
		if errors.As(err, &problem) && problem.Status >= 500 && failed < 3 {
			failed++
			continue
		}
		if err != nil {
			return Cloud{}, err
		}
		if watch != nil {
			watch(cloud)
		}
		for _, s := range states {
			if cloud.State == s {
				return cloud, nil
			}
		}
		select {
		case <-ctx.Done():
			return cloud, fmt.Errorf("the custom cloud is %s, not %s: %w", cloud.State, strings.Join(states, " or "), ctx.Err())
		case <-time.After(300 * time.Millisecond):
		}
	}
}
