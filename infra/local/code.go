package local

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"byoc/infra/local/awscall"
)

// codeDir is the folder with the function's unpacked code, filled on first
// use.
func (f *functions) codeDir(ctx context.Context, fn *function) (string, error) {
	sum, err := base64.StdEncoding.DecodeString(fn.sha256)
	if err != nil || len(sum) != sha256.Size {
		return "", fmt.Errorf("function %s has no code: what it was deployed from is not in S3", fn.ref.name)
	}
	dir := f.dirFor(sum)
	unlock := f.unpacking.lock(dir)
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	archive, err := f.findCode(ctx, fn, sum)
	if err != nil {
		return "", err
	}
	return dir, unpack(archive, dir)
}

func (f *functions) dirFor(sum []byte) string {
	return filepath.Join(f.dir, "functions", hex.EncodeToString(sum))
}

// findCode looks for the function's archive in the buckets of its account:
// moto tells the key of the code, but not its bucket.
func (f *functions) findCode(ctx context.Context, fn *function, sum []byte) ([]byte, error) {
	client := s3.NewFromConfig(f.emulator.Config(fn.ref.account, fn.ref.region), func(o *s3.Options) { o.UsePathStyle = true })
	buckets, err := client.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return nil, fmt.Errorf("look for the code of %s: %w", fn.ref.name, err)
	}
	for _, bucket := range buckets.Buckets {
		object, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket.Name, Key: aws.String(fn.codeKey)})
		if err != nil {
			continue
		}
		archive, err := io.ReadAll(object.Body)
		object.Body.Close()
		if err != nil {
			return nil, err
		}
		if actual := sha256.Sum256(archive); bytes.Equal(actual[:], sum) {
			return archive, nil
		}
	}
	return nil, fmt.Errorf("the code of function %s, key %q, is in no bucket", fn.ref.name, fn.codeKey)
}

// keepCode unpacks code that a call carried itself: moto cannot give it back.
func (f *functions) keepCode(call *awscall.Call, response *awscall.Response) *awscall.Response {
	encoded, _ := call.JSON["ZipFile"].(string)
	if code, ok := call.JSON["Code"].(map[string]any); ok && encoded == "" {
		encoded, _ = code["ZipFile"].(string)
	}
	if archive, err := base64.StdEncoding.DecodeString(encoded); err == nil && len(archive) > 0 {
		sum := sha256.Sum256(archive)
		dir := f.dirFor(sum[:])
		unlock := f.unpacking.lock(dir)
		defer unlock()
		if err := unpack(archive, dir); err != nil {
			f.log.Error("function code cannot be unpacked", "cause", err)
		}
	}
	return response
}

// unpack fills dir as a whole or not at all.
func unpack(archive []byte, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return fmt.Errorf("function code is no zip archive: %w", err)
	}
	partial, err := os.MkdirTemp(filepath.Dir(dir), "unpacking-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	for _, file := range reader.File {
		if err := unpackFile(file, partial); err != nil {
			return err
		}
	}
	if err := os.Chmod(partial, 0o755); err != nil {
		return err
	}
	return os.Rename(partial, dir)
}

func unpackFile(file *zip.File, dir string) error {
	if !filepath.IsLocal(file.Name) {
		return fmt.Errorf("function code has a file outside of its folder: %s", file.Name)
	}
	path := filepath.Join(dir, file.Name)
	if strings.HasSuffix(file.Name, "/") {
		return os.MkdirAll(path, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	// Archives made by tools that know no modes hold a bootstrap that is not
	// executable; AWS refuses those, and a developer should hear of it.
	target, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, file.Mode().Perm()|0o400)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, content)
	return errors.Join(err, target.Close())
}
