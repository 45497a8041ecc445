package httpapi

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"byoc/shared/cloud"
	"byoc/shared/template"
)

func (s *server) terraformTemplate(c *call) (answer, error) {
	return s.document(c, "template", ".tf", func(template.Values) (string, error) { return template.Terraform(), nil })
}

func (s *server) terraformVariables(c *call) (answer, error) {
	return s.document(c, "variables", ".tfvars", func(v template.Values) (string, error) {
		text, err := template.Variables(v)
		return string(text), err
	})
}

func (s *server) cloudFormationTemplate(c *call) (answer, error) {
	return s.document(c, "template", ".cloudformation.json", template.CloudFormation)
}

// document answers a text of a cloud: in a JSON object, or as a file named after
// the cloud where the client prefers plain text.
func (s *server) document(c *call, name, suffix string, render func(template.Values) (string, error)) (answer, error) {
	x, err := s.findCloud(c)
	if err != nil {
		return answer{}, err
	}
	text, err := render(s.templateValues(x))
	if err != nil {
		return answer{}, err
	}
	a := answer{status: http.StatusOK, body: map[string]string{name: text}}
	if prefersText(c.Header.Values("Accept")) {
		a.file = &file{name: x.Stem() + suffix, text: text}
	}
	return a.with("Vary", "Accept"), nil
}

func (s *server) templateValues(x cloud.Cloud) template.Values {
	return template.ValuesFor(x, s.Settings.Principal)
}

// prefersText says whether text/plain is wanted more than JSON. A client that
// takes anything gets JSON.
func prefersText(accept []string) bool {
	var text, json float64
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if s, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(s, 64); err != nil {
				continue
			}
		}
		switch media {
		case "text/plain", "text/*":
			text = max(text, q)
		case "application/json", "application/*":
			json = max(json, q)
		}
	}
	return text > json
}
