package httpapi

import (
	"reflect"

	"byoc/shared/cloud"
)

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

func text(least, most int) jsonObject {
	return jsonObject{"type": "string", "minLength": least, "maxLength": most}
}

var (
	id         = jsonObject{"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
	idList     = jsonObject{"type": []any{"array", "null"}, "maxItems": cloud.MaxPermissions, "items": jsonObject{"type": "string"}}
	roleSchema = text(0, cloud.MaxRoleARN)
)

// closed is an object with these fields, and others only where they are ignored.
func closed(properties jsonObject, others bool, required ...any) jsonObject {
	o := jsonObject{"type": "object", "properties": properties, "additionalProperties": others}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func contactBody(others bool) jsonObject {
	return jsonObject{"type": "array", "minItems": 1, "maxItems": cloud.MaxContacts, "items": closed(jsonObject{
		"email": text(3, cloud.MaxEmail), "real_name": text(0, cloud.MaxContactText), "role": text(0, cloud.MaxContactText),
	}, others, "email")}
}

// cloudBody is what a request says of a custom cloud. Fields that it does not
// know are ignored.
func cloudBody(create bool) jsonObject {
	rule := closed(jsonObject{
		"protocol":  jsonObject{"type": "string", "enum": []any{"tcp", "udp", "icmp", "-1"}},
		"from_port": jsonObject{"type": "integer", "minimum": -1, "maximum": 65535}, "to_port": jsonObject{"type": "integer", "minimum": -1, "maximum": 65535},
		"cidr": text(9, 18), "security_group_id": jsonObject{"type": "string", "pattern": "^sg-[0-9a-f]{8,17}$"}, "description": text(0, 200),
	}, true, "protocol", "from_port", "to_port")
	properties := jsonObject{
		"cloud_provider":   jsonObject{"type": "string", "enum": []any{"aws"}},
		"cloud_region":     jsonObject{"type": "string", "enum": values(cloud.Regions())},
		"deployment_model": jsonObject{"type": "string", "enum": []any{"standard"}},
		"display_name":     text(1, cloud.MaxDisplayName),
		"reserved_cidr":    jsonObject{"type": "string", "maxLength": cloud.MaxCIDR, "description": "RFC 1918, /16 to /24, a network address."},
		"contact_emails":   contactBody(true),
		"tags": jsonObject{"type": "object", "maxProperties": cloud.MaxTags,
			"propertyNames":        jsonObject{"pattern": "^(byoc_resource_tag:)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"},
			"additionalProperties": jsonObject{"type": []any{"string", "null"}, "maxLength": cloud.MaxTagValue}},
		"peer_cidrs":    jsonObject{"type": "array", "maxItems": cloud.MaxPeerCIDRs, "items": text(9, 18)},
		"nat_gateways":  jsonObject{"type": "string", "enum": []any{"per_az", "single"}, "default": "per_az"},
		"ingress_rules": jsonObject{"type": "array", "maxItems": cloud.MaxIngressRules, "items": rule},
	}
	if create {
		return closed(properties, true, "cloud_provider", "cloud_region", "deployment_model", "display_name", "reserved_cidr")
	}
	properties["aws_iam_role_arn"] = roleSchema
	return closed(properties, true)
}

func leastCloud() jsonObject {
	return jsonObject{
		"cloud_provider": "aws", "cloud_region": "eu-west-1", "deployment_model": "standard",
		"display_name": "Production", "reserved_cidr": "10.0.0.0/16",
	}
}

func wholeCloud() jsonObject {
	c := leastCloud()
	c["display_name"] = "Staging"
	c["contact_emails"] = []any{jsonObject{"email": "ops@example.com", "real_name": "Ops", "role": "SRE"}}
	c["tags"] = jsonObject{"team": "data"}
	c["peer_cidrs"] = []any{"10.9.0.0/16"}
	c["nat_gateways"] = "single"
	c["ingress_rules"] = []any{
		jsonObject{"protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr": "10.9.0.0/24", "description": "application"},
		jsonObject{"protocol": "-1", "from_port": -1, "to_port": -1, "security_group_id": "sg-0123456789abcdef0"},
	}
	return c
}

func requestBody() jsonObject {
	return closed(jsonObject{
		"cloud_provider": jsonObject{"type": "string", "enum": values(cloud.OtherProviders())}, "cloud_region": text(1, cloud.MaxRegion),
		"display_name": text(1, cloud.MaxDisplayName), "reserved_cidr": text(9, cloud.MaxCIDR), "contact_emails": contactBody(false), "comment": text(0, cloud.MaxComment),
	}, false, "cloud_provider", "cloud_region", "display_name")
}
