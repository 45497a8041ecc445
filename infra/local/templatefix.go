package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"go.yaml.in/yaml/v3"

	"byoc/infra/local/awscall"
)

// namedByAttribute are the resource types that moto cannot Ref, with the
// attribute that says the same.
var namedByAttribute = map[string]string{
	"AWS::Events::EventBus": "Name",
	"AWS::Events::Archive":  "ArchiveName",
}

// mendTemplate rewrites what moto cannot read in a template that is being
// deployed into what means the same. A template that needs nothing stays as
// it is.
func (s *stacks) mendTemplate(ctx context.Context, call *awscall.Call) error {
	body := call.Query.Get("TemplateBody")
	if body == "" && call.Query.Has("TemplateURL") {
		fetched, err := s.fetchTemplate(ctx, call)
		if err != nil {
			return err
		}
		body = fetched
	}
	parsed, ok := parseTemplate(body)
	if !ok {
		return nil
	}
	attributes := map[string]string{}
	resources, _ := parsed["Resources"].(map[string]any)
	for logicalID, r := range resources {
		object, _ := r.(map[string]any)
		kind, _ := object["Type"].(string)
		if attribute, ok := namedByAttribute[kind]; ok {
			attributes[logicalID] = attribute
		}
	}
	inline := splitInlinePolicies(resources)
	if len(attributes) == 0 && !inline && !strings.Contains(body, "$$") {
		return nil
	}
	mended, err := json.Marshal(mendRefs(parsed, attributes))
	if err != nil {
		return err
	}
	call.Query.Set("TemplateBody", string(mended))
	call.Query.Del("TemplateURL")
	call.Body = []byte(call.Query.Encode())
	call.Header.Set("Content-Length", strconv.Itoa(len(call.Body)))
	return nil
}

// parseTemplate reads JSON, and YAML that writes intrinsic functions as JSON does:
// the CDK sends its bootstrap stack so. Tags like !Ref are not read.
func parseTemplate(body string) (template map[string]any, ok bool) {
	if json.Unmarshal([]byte(body), &template) == nil {
		return template, true
	}
	var document yaml.Node
	if yaml.Unmarshal([]byte(body), &document) != nil || !plain(&document) {
		return nil, false
	}
	return template, document.Decode(&template) == nil
}

// plain tells whether a YAML document has no tags but YAML's own. What a template
// takes for text becomes text: keys, dates, and numbers that begin with a zero, as
// ids of accounts do.
func plain(n *yaml.Node) bool {
	number := n.Tag == "!!int" || n.Tag == "!!float"
	if n.Tag == "!!timestamp" || number && len(n.Value) > 1 && n.Value[0] == '0' && n.Value[1] != '.' {
		n.Tag = "!!str"
	}
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			n.Content[i].Tag = "!!str"
		}
	}
	return (n.Tag == "" || strings.HasPrefix(n.Tag, "!!")) && !slices.ContainsFunc(n.Content, func(n *yaml.Node) bool { return !plain(n) })
}

func (s *stacks) fetchTemplate(ctx context.Context, call *awscall.Call) (string, error) {
	location, err := url.Parse(call.Query.Get("TemplateURL"))
	if err != nil {
		return "", err
	}
	bucket, _, _ := strings.Cut(location.Host, ".")
	key := strings.TrimPrefix(location.Path, "/")
	if host := location.Hostname(); host == "localhost" || host == "127.0.0.1" || strings.HasPrefix(host, "s3.") || strings.HasPrefix(host, "s3-") {
		bucket, key, _ = strings.Cut(key, "/")
	}
	client := s3.NewFromConfig(s.emulator.Config(call.Caller.Account, call.Region), func(o *s3.Options) { o.UsePathStyle = true })
	object, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return "", fmt.Errorf("template %s: %w", location, err)
	}
	defer object.Body.Close()
	body, err := io.ReadAll(object.Body)
	return string(body), err
}

var subReference = regexp.MustCompile(`\$\{([A-Za-z0-9]+)\}`)

func mendRefs(value any, attributes map[string]string) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = mendRefs(value[i], attributes)
		}
	case map[string]any:
		if name, ok := value["Ref"].(string); ok && len(value) == 1 && attributes[name] != "" {
			return map[string]any{"Fn::GetAtt": []any{name, attributes[name]}}
		}
		for key := range value {
			if key == "Fn::Sub" {
				value[key] = mendSub(value[key], attributes)
				if joined, ok := joinSub(value[key]); ok && len(value) == 1 {
					return mendRefs(joined, attributes)
				}
			}
			value[key] = mendRefs(value[key], attributes)
		}
	}
	return value
}

func mendSub(value any, attributes map[string]string) any {
	switch value := value.(type) {
	case string:
		return subReference.ReplaceAllStringFunc(value, func(match string) string {
			name := match[2 : len(match)-1]
			if attribute := attributes[name]; attribute != "" {
				return "${" + name + "." + attribute + "}"
			}
			return match
		})
	case []any:
		if len(value) == 2 {
			// Names that the function defines itself stand for those.
			own, _ := value[1].(map[string]any)
			others := map[string]string{}
			for name, attribute := range attributes {
				if _, ok := own[name]; !ok {
					others[name] = attribute
				}
			}
			value[0] = mendSub(value[0], others)
		}
	}
	return value
}

// joinSub rewrites an Fn::Sub with names of its own as an Fn::Join: moto
// takes its text for a Python template, once per name, and makes $ of $$.
func joinSub(value any) (any, bool) {
	list, _ := value.([]any)
	if len(list) != 2 {
		return nil, false
	}
	text, _ := list[0].(string)
	own, _ := list[1].(map[string]any)
	if !strings.Contains(text, "$$") {
		return nil, false
	}
	var parts []any
	rest := text
	for _, at := range subReference.FindAllStringSubmatchIndex(text, -1) {
		name := text[at[2]:at[3]]
		replacement, ok := own[name]
		if !ok {
			return nil, false
		}
		parts = append(parts, text[len(text)-len(rest):at[0]], replacement)
		rest = text[at[1]:]
	}
	if strings.Count(text, "${") != len(parts)/2 {
		return nil, false
	}
	return map[string]any{"Fn::Join": []any{"", append(parts, rest)}}, true
}

// splitInlinePolicies makes resources of their own of the inline policies of
// roles: moto keeps those of a role's Policies as what is no JSON.
func splitInlinePolicies(resources map[string]any) (found bool) {
	for logicalID, r := range maps.Clone(resources) {
		object, _ := r.(map[string]any)
		properties, _ := object["Properties"].(map[string]any)
		policies, ok := properties["Policies"].([]any)
		if object["Type"] != "AWS::IAM::Role" || !ok {
			continue
		}
		for i, p := range policies {
			policy, ok := p.(map[string]any)
			if !ok {
				return found
			}
			split := maps.Clone(policy)
			split["Roles"] = []any{map[string]any{"Ref": logicalID}}
			extra := map[string]any{"Type": "AWS::IAM::Policy", "Properties": split}
			if retained, ok := object["DeletionPolicy"]; ok {
				extra["DeletionPolicy"] = retained
			}
			resources[fmt.Sprintf("%sInline%d", logicalID, i)] = extra
		}
		delete(properties, "Policies")
		found = true
	}
	return found
}
