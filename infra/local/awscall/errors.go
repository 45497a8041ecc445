package awscall

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
)

// ErrorResponse is the answer with which the called service reports an
// error: the shape follows the call's protocol, so that an SDK reads code
// and message out of it.
func ErrorResponse(call *Call, status int, code, message string) *Response {
	response := &Response{Status: status, Header: http.Header{}}
	response.Header.Set("X-Amzn-Requestid", call.RequestID)
	switch {
	case call.Service == "ec2":
		response.Header.Set("Content-Type", "text/xml;charset=UTF-8")
		response.Body = marshalXML(ec2Errors{
			Errors:    []xmlError{{Code: code, Message: message}},
			RequestID: call.RequestID,
		})
	case call.Query != nil:
		response.Header.Set("Content-Type", "text/xml")
		response.Body = marshalXML(queryError{
			Error:     xmlError{Type: fault(status), Code: code, Message: message},
			RequestID: call.RequestID,
		})
	case call.Service == "s3":
		response.Header.Set("Content-Type", "application/xml")
		response.Body = marshalXML(s3Error{Code: code, Message: message, RequestID: call.RequestID})
	default:
		response.Header.Set("Content-Type", "application/x-amz-json-1.0")
		response.Header.Set("X-Amzn-Errortype", code)
		// Services differ in the capital of "message"; SDKs take either.
		response.Body, _ = json.Marshal(map[string]string{
			"__type": code, "message": message, "Message": message,
		})
	}
	return response
}

// JSONResponse answers a call of a JSON protocol with a body.
func JSONResponse(call *Call, status int, body any) *Response {
	contentType := "application/json"
	if call.Header.Get("X-Amz-Target") != "" {
		contentType = "application/x-amz-json-1.0"
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return ErrorResponse(call, http.StatusInternalServerError, "InternalFailure", err.Error())
	}
	return &Response{
		Status: status,
		Header: http.Header{
			"Content-Type":     {contentType},
			"X-Amzn-Requestid": {call.RequestID},
		},
		Body: encoded,
	}
}

// XMLResponse answers a call of a query protocol with a body that
// encoding/xml can write.
func XMLResponse(call *Call, status int, body any) *Response {
	return &Response{
		Status: status,
		Header: http.Header{
			"Content-Type":     {"text/xml;charset=UTF-8"},
			"X-Amzn-Requestid": {call.RequestID},
		},
		Body: marshalXML(body),
	}
}

// IsDryRun reports whether the call only asks whether it would be allowed.
func (c *Call) IsDryRun() bool {
	return c.Service == "ec2" && strings.EqualFold(c.Query.Get("DryRun"), "true")
}

var xmlCode = regexp.MustCompile(`<Code>\s*([^<\s]+)\s*</Code>`)

// ErrorCode is the error code in an answer, empty where the call succeeded.
// An answer that was lost on purpose (nil) has none.
func ErrorCode(response *Response) string {
	if response == nil || response.Status < 400 {
		return ""
	}
	if code := response.Header.Get("X-Amzn-Errortype"); code != "" {
		return bareCode(code)
	}
	var object struct {
		Type string `json:"__type"`
		Code string `json:"code"`
	}
	if json.Unmarshal(response.Body, &object) == nil {
		if object.Type != "" {
			return bareCode(object.Type)
		}
		return object.Code
	}
	if m := xmlCode.FindSubmatch(response.Body); m != nil {
		return string(m[1])
	}
	return ""
}

// bareCode strips what services put around a code:
// com.amazonaws.dynamodb.v20120810#ResourceNotFoundException, Code:http://…
func bareCode(code string) string {
	code = code[strings.LastIndexByte(code, '#')+1:]
	code, _, _ = strings.Cut(code, ":")
	return code
}

type xmlError struct {
	Type    string `xml:"Type,omitempty"`
	Code    string `xml:"Code"`
	Message string `xml:"Message"`
}

type ec2Errors struct {
	XMLName   xml.Name   `xml:"Response"`
	Errors    []xmlError `xml:"Errors>Error"`
	RequestID string     `xml:"RequestID"`
}

type queryError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Error     xmlError `xml:"Error"`
	RequestID string   `xml:"RequestId"`
}

type s3Error struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string   `xml:"Code"`
	Message   string   `xml:"Message"`
	RequestID string   `xml:"RequestId"`
}

func fault(status int) string {
	if status >= 500 {
		return "Receiver"
	}
	return "Sender"
}

func marshalXML(v any) []byte {
	encoded, err := xml.Marshal(v)
	if err != nil {
		return []byte("<!-- " + err.Error() + " -->")
	}
	return append([]byte(xml.Header), encoded...)
}
