package local

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"byoc/infra/local/awscall"
)

// forwarder hands calls to moto, in the account of the caller.
type forwarder struct {
	// lifetime bounds the calls: not the client's context, because moto
	// finishes a call that its client has given up.
	lifetime context.Context
	emulator awscall.Emulator
	// dynamodb lets one call through at a time: moto's DynamoDB loses writes
	// under concurrency.
	dynamodb sync.Mutex
}

func newForwarder(lifetime context.Context, emulator awscall.Emulator) *forwarder {
	return &forwarder{lifetime: lifetime, emulator: emulator}
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               nil,
		MaxIdleConnsPerHost: 64,
		DisableCompression:  true,
	}
}

var hopByHop = []string{"Connection", "Expect", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

func (f *forwarder) handle(_ context.Context, call *awscall.Call) *awscall.Response {
	if call.Service == "dynamodb" {
		f.dynamodb.Lock()
		defer f.dynamodb.Unlock()
	}
	url := strings.TrimSuffix(f.emulator.URL, "/") + call.URL.RequestURI()
	request, err := http.NewRequestWithContext(f.lifetime, call.Method, url, bytes.NewReader(call.Body))
	if err != nil {
		return awscall.ErrorResponse(call, http.StatusBadGateway, "InternalFailure", err.Error())
	}
	request.Header = call.Header.Clone()
	for _, name := range hopByHop {
		request.Header.Del(name)
	}
	request.Host = request.Header.Get("Host")
	request.Header.Del("Host")
	request.Header.Set(awscall.AccountHeader, call.Caller.Account)

	response, err := f.emulator.Transport.RoundTrip(request)
	if err != nil {
		return awscall.ErrorResponse(call, http.StatusBadGateway, "InternalFailure", "moto does not answer: "+err.Error())
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return awscall.ErrorResponse(call, http.StatusBadGateway, "InternalFailure", "moto's answer broke off: "+err.Error())
	}
	header := response.Header
	for _, name := range hopByHop {
		header.Del(name)
	}
	return withRequestID(call, &awscall.Response{Status: response.StatusCode, Header: header, Body: body})
}

// requestID as the query protocols write it: moto has a constant there.
var requestID = regexp.MustCompile(`<(RequestI[dD])>[^<]*</RequestI[dD]>`)

// withRequestID gives an answer the id under which the call is on record. EC2's
// answers have got theirs where they are put together.
func withRequestID(call *awscall.Call, response *awscall.Response) *awscall.Response {
	if call.Service == "ec2" {
		return response
	}
	response.Header.Set("X-Amzn-Requestid", call.RequestID)
	if call.Query != nil {
		response.Body = requestID.ReplaceAll(response.Body, []byte("<$1>"+call.RequestID+"</$1>"))
		response.Header.Del("Content-Length")
	}
	return response
}
