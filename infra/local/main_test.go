package local_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"byoc/infra/local"
	"byoc/infra/local/awscall"
)

const (
	region  = "eu-west-1"
	vendor  = local.DefaultAccount
	stackID = "test"
)

// shared is a server with the test stack deployed, used by all tests: moto
// takes a second to start.
var shared *local.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if _, err := exec.LookPath("moto_server"); err != nil {
		fmt.Fprintln(os.Stderr, "SKIPPED ALL TESTS OF THE LOCAL AWS: moto_server is not installed (pip install 'moto[server]')")
		return 0
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "localaws-test-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	archive, err := buildFunction(dir)
	if err != nil {
		return fail(err)
	}
	shared, err = local.Start(ctx, local.Config{
		Addr: "127.0.0.1:0", APIAddr: "127.0.0.1:0", Dir: dir, Region: region,
		Log:                slog.New(slog.NewTextHandler(logFile(dir), &slog.HandlerOptions{Level: slog.LevelDebug})),
		PollWait:           time.Second,
		AsyncRetries:       []time.Duration{10 * time.Millisecond, 10 * time.Millisecond},
		IntegrationTimeout: 3 * time.Second,
		ScheduleInterval:   -1,
		Behaviours:         func(awscall.Emulator) []awscall.Behaviour { return behaviours },
	})
	if err != nil {
		return fail(err)
	}
	defer shared.Close()
	if err := deploy(ctx, archive); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "logs", "moto.log"))
		return fail(fmt.Errorf("%w\n%s", err, log[max(0, len(log)-4096):]))
	}
	code := m.Run()
	if keep := os.Getenv("KEEP"); keep != "" {
		_ = os.CopyFS(keep, os.DirFS(filepath.Join(dir, "logs")))
		content, _ := os.ReadFile(filepath.Join(dir, "server.log"))
		_ = os.WriteFile(keep+"/server.log", content, 0o644)
	}
	return code
}

func logFile(dir string) *os.File {
	file, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return os.Stderr
	}
	return file
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func buildFunction(dir string) ([]byte, error) {
	binary := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./testdata/function")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build test function: %w\n%s", err, out)
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	return zipped(content)
}

func zipped(bootstrap []byte) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(bootstrap); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func deploy(ctx context.Context, archive []byte) error {
	storage := s3.NewFromConfig(config(vendor), pathStyle)
	_, err := storage.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String("assets"), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: region},
	})
	if err != nil {
		return err
	}
	_, err = storage.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("assets"), Key: aws.String("function.zip"), Body: bytes.NewReader(archive),
	})
	if err != nil {
		return err
	}
	_, err = cloudformation.NewFromConfig(config(vendor)).CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: aws.String(stackID), TemplateBody: aws.String(stackTemplate()),
	})
	return err
}

// config is an SDK configuration that goes through the local AWS as the root
// of an account.
func config(account string) aws.Config { return configOf(shared, account, "secret", "") }

func configOf(server *local.Server, key, secret, token string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(server.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider(key, secret, token),
		HTTPClient:   &http.Client{Transport: awscall.Transport{}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// eventually waits for a condition; what it says when it is not met ends up
// in the failure.
// patience is for a busy machine: what is waited for comes within a second on a
// quiet one.
const patience = 2 * time.Minute

func eventually(t *testing.T, check func() (string, bool)) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		said, ok := check()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", patience, said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func logged(t *testing.T, function, text string) {
	t.Helper()
	eventually(t, func() (string, bool) {
		content, _ := os.ReadFile(filepath.Join(shared.LogDir(), function+".log"))
		return fmt.Sprintf("%q in the log of %s", text, function), strings.Contains(string(content), text)
	})
}

// pathStyle is for S3 clients here: not every resolver knows the names below
// localhost that bucket host names are.
func pathStyle(o *s3.Options) { o.UsePathStyle = true }
