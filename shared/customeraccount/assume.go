package customeraccount

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"byoc/shared/cloud"
	"byoc/shared/template/rolepolicy"
)

const (
	// AccessRoleVariable is the environment variable that holds the ARN of our
	// customer-access role, the one principal that customers trust.
	AccessRoleVariable = "CUSTOMER_ACCESS_ROLE_ARN"

	// sessionDuration is the most that AWS gives a chained session (a role that
	// assumes a role), whatever the role's own maximum is.
	sessionDuration = time.Hour

	// leastRemaining of kept credentials is more than an invocation can last
	// (15 minutes), so that none expire half-way.
	leastRemaining = 20 * time.Minute
)

// Assumer enters customers' accounts: our function's credentials assume our
// customer-access role, and that one assumes the customer's.
type Assumer struct {
	config     aws.Config
	accessRole string
	versions   rolepolicy.Versions

	mu   sync.Mutex
	kept map[hop]aws.Credentials
}

// hop is one role session. Credentials are kept per session name, hence for
// one execution only: another run always asks the customer's account anew.
type hop struct{ role, externalID, session string }

// NewAssumer makes an Assumer of our function's own config (awsconfig) and the
// ARN of our customer-access role. STS is called in the config's region: tokens
// of a regional endpoint are valid in every region, those of the global one are not.
func NewAssumer(config aws.Config, accessRoleARN string) (*Assumer, error) {
	if _, err := cloud.ParseRoleARN(accessRoleARN); err != nil {
		return nil, err
	}
	return &Assumer{config: config, accessRole: accessRoleARN, versions: rolepolicy.Published(), kept: map[hop]aws.Credentials{}}, nil
}

// Principal is the one exact principal that customers' roles trust.
func (a *Assumer) Principal() string { return a.accessRole }

// Session is our access to one customer's account and region, for one hour at
// most. Every call that its clients make is recorded. It is for one invocation.
type Session struct {
	// Account and Region that the clients act in.
	Account string
	Region  string
	EC2     *ec2.Client
	IAM     *iam.Client

	sts *sts.Client
	// assumedBy is the id of the request that opened the session; empty where
	// credentials were kept from before.
	assumedBy string
}

// Open assumes the customer's role. RoleNotAssumable where STS refuses,
// Unavailable where it did not answer, Internal where our own access role is
// at fault. A session opened again for the same execution may use the
// credentials of the first.
func (a *Assumer) Open(ctx context.Context, r Request) (*Session, error) {
	role, err := r.validate()
	if err != nil {
		return nil, err
	}
	h := hop{role: r.RoleARN, externalID: r.ExternalID, session: sessionName(r.Session)}
	credentials, ok := a.recall(h)
	if !ok {
		client, err := a.customerFacing(ctx, r)
		if err != nil {
			return nil, err
		}
		credentials, _, err = assume(ctx, client, h)
		if err != nil {
			return nil, assumeError(err, r, a.accessRole)
		}
		a.keep(h, credentials)
	}
	return a.session(r, role, credentials), nil
}

// session makes the recorded clients of a role session.
func (a *Assumer) session(r Request, role cloud.RoleARN, credentials aws.Credentials) *Session {
	c := identity{
		account: role.Account,
		caller:  "arn:aws:sts::" + role.Account + ":assumed-role/" + role.Name + "/" + sessionName(r.Session),
	}
	there := a.config.Copy()
	there.Credentials = static(credentials)
	there.APIOptions = append(there.APIOptions, r.Recorder.middleware(c))
	inRegion := there.Copy()
	inRegion.Region = r.Region
	return &Session{
		Account: role.Account,
		Region:  r.Region,
		EC2:     ec2.NewFromConfig(inRegion),
		IAM:     iam.NewFromConfig(there),
		sts:     sts.NewFromConfig(there),
	}
}

// customerFacing is STS as our customer-access role calls it: what it assumes
// is recorded as a call in the customer's account.
func (a *Assumer) customerFacing(ctx context.Context, r Request) (*sts.Client, error) {
	h := hop{role: a.accessRole, session: sessionName(r.Session)}
	credentials, ok := a.recall(h)
	if !ok {
		var err error
		credentials, _, err = assume(ctx, sts.NewFromConfig(a.config), h)
		if err != nil {
			return nil, ownRoleError(err, a.accessRole)
		}
		a.keep(h, credentials)
	}
	role, err := r.validate()
	if err != nil {
		return nil, err
	}
	own, err := cloud.ParseRoleARN(a.accessRole)
	if err != nil {
		return nil, err
	}
	c := identity{
		account: role.Account,
		caller:  "arn:aws:sts::" + own.Account + ":assumed-role/" + own.Name + "/" + h.session,
	}
	config := a.config.Copy()
	config.Credentials = static(credentials)
	config.APIOptions = append(config.APIOptions, r.Recorder.middleware(c))
	return sts.NewFromConfig(config), nil
}

// assume calls STS once (and again where it was throttled) and answers the
// request's id besides. An empty external ID sends none.
func assume(ctx context.Context, client *sts.Client, h hop) (aws.Credentials, string, error) {
	in := &sts.AssumeRoleInput{
		RoleArn:         aws.String(h.role),
		RoleSessionName: aws.String(h.session),
		DurationSeconds: aws.Int32(int32(sessionDuration / time.Second)),
	}
	if h.externalID != "" {
		in.ExternalId = aws.String(h.externalID)
	}
	out, err := client.AssumeRole(ctx, in)
	if err != nil {
		return aws.Credentials{}, "", err
	}
	if out.Credentials == nil {
		return aws.Credentials{}, "", cloud.Errorf(cloud.Unavailable, "AWS answered AssumeRole without credentials.")
	}
	return aws.Credentials{
		AccessKeyID:     aws.ToString(out.Credentials.AccessKeyId),
		SecretAccessKey: aws.ToString(out.Credentials.SecretAccessKey),
		SessionToken:    aws.ToString(out.Credentials.SessionToken),
		CanExpire:       true,
		Expires:         aws.ToTime(out.Credentials.Expiration),
		Source:          "AssumeRole",
	}, requestID(out), nil
}

func static(c aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

func (a *Assumer) recall(h hop) (aws.Credentials, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.kept[h]
	return c, ok && time.Until(c.Expires) > leastRemaining
}

func (a *Assumer) keep(h hop, c aws.Credentials) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for old, c := range a.kept {
		if time.Until(c.Expires) <= leastRemaining {
			delete(a.kept, old)
		}
	}
	a.kept[h] = c
}
