// Package runfile is what a running `make run` tells others: addresses,
// tokens, ids, the outbox. The demo and the tests read it.
package runfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is the folder that a run keeps its files in: LOCAL_DIR, or .local.
func Dir() string {
	if dir := os.Getenv("LOCAL_DIR"); dir != "" {
		return dir
	}
	return ".local"
}

// Path of the file in the folder of a run.
func Path(dir string) string { return filepath.Join(dir, "run.json") }

// Run is the content of the file.
type Run struct {
	// APIURL is where the HTTP API is served, without a path.
	APIURL string `json:"api_url"`
	// AWSURL is the endpoint of the local AWS (AWS_ENDPOINT_URL).
	AWSURL string `json:"aws_url"`
	Region string `json:"region"`
	// VendorAccount has the stack, CustomerAccount is for the customer's role.
	// In the local AWS an account's id is also an access key of its root.
	VendorAccount   string `json:"vendor_account"`
	CustomerAccount string `json:"customer_account"`
	// Outbox is the folder with every mail that was sent.
	Outbox string `json:"outbox"`
	// Logs is the folder with a log file per function.
	Logs         string            `json:"logs"`
	Organization Organization      `json:"organization"`
	Units        map[string]string `json:"units"`
	Projects     map[string]string `json:"projects"`
	Tokens       Tokens            `json:"tokens"`
	// Outputs of the deployed stack.
	Outputs map[string]string `json:"outputs"`
}

// Organization that was seeded.
type Organization struct {
	ID        string `json:"id"`
	AccountID string `json:"account_id"`
}

// Tokens that were seeded. They open a local, simulated system only.
type Tokens struct {
	Admin    string `json:"admin"`
	Member   string `json:"member"`
	Operator string `json:"operator"`
	// OtherAdmin is an administrator of another organization.
	OtherAdmin string `json:"other_admin"`
}

// Read reads the file in dir.
func Read(dir string) (Run, error) {
	data, err := os.ReadFile(Path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return Run{}, fmt.Errorf("%s is not there: start `make run` in another terminal and wait until it says that it is ready", Path(dir))
	}
	if err != nil {
		return Run{}, err
	}
	var r Run
	if err := json.Unmarshal(data, &r); err != nil {
		return Run{}, fmt.Errorf("reading %s: %w", Path(dir), err)
	}
	return r, nil
}

// Write writes the file in dir, readable by its owner only, and whole or
// not at all.
func Write(dir string, r Run) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	path := Path(dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Remove removes the file in dir; an absent one is a success.
func Remove(dir string) error {
	err := os.Remove(Path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
