package awscall

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// AccountHeader tells the emulator which account a request acts in, whatever
// credentials signed it.
const AccountHeader = "X-Moto-Account-Id"

// Emulator is the moto server behind the local AWS. Requests made to it pass
// no behaviour, no authorization and no record: it is for looking behind the
// scenes.
type Emulator struct {
	// URL is moto's own address, http://127.0.0.1:PORT.
	URL string
	// Transport carries the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
}

// Config is an SDK configuration whose calls go straight to moto and act in
// the account. Nothing is retried: the emulator is on this machine, and its
// failures should show.
func (e Emulator) Config(account, region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(e.URL),
		Credentials:  credentials.NewStaticCredentialsProvider(account, "emulator", ""),
		HTTPClient:   &http.Client{Transport: accountTransport{account: account, next: Transport{e.Transport}}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

type accountTransport struct {
	account string
	next    Transport
}

// RoundTrip names the account in a copy of the request: a transport must not
// change the request it is given.
func (t accountTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(AccountHeader, t.account)
	return t.next.RoundTrip(r)
}
