package stack

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The same source is built for both architectures, and what is deployed for
// one runs on it.
func TestEveryAssetIsABinaryOfItsArchitecture(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for architecture, machine := range map[string]elf.Machine{"arm64": elf.EM_AARCH64, "x86_64": elf.EM_X86_64} {
		t.Run(architecture, func(t *testing.T) {
			build := exec.Command("make", "--no-print-directory", "functions", "ARCH="+architecture)
			build.Dir = root
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			values := contextOf(t, variant{"sandbox", architecture})
			values["functionsDir"] = filepath.Join(root, "build", architecture, "functions")
			a := synthInto(t, filepath.Join(workDir, "built-"+architecture), values)
			functions := a.main.all("AWS::Lambda::Function")
			if len(functions) != len(FunctionNames()) {
				t.Fatalf("%d functions in the template, not %d", len(functions), len(FunctionNames()))
			}
			for _, f := range functions {
				// The asset is named by its content, in the bucket and on disk.
				key, _ := at(f.Properties, "Code", "S3Key").(string)
				file, err := elf.Open(filepath.Join(a.dir, "asset."+strings.TrimSuffix(key, ".zip"), "bootstrap"))
				if err != nil {
					t.Errorf("%s: %v", f.ID, err)
					continue
				}
				if file.Machine != machine {
					t.Errorf("%s is deployed as %s and built for %s", f.ID, architecture, file.Machine)
				}
				file.Close()
			}
		})
	}
}
