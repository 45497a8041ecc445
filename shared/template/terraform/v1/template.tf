# Custom cloud: the role through which the vendor manages one network in this
# AWS account. Template version 1.
#
# It creates one IAM role with one inline policy, and nothing else. Everything
# that belongs to your custom cloud is in the variables file:
#
#   terraform init
#   terraform apply -var-file=FILE_NAME.vars
#
# Enter the output aws-iam-role-arn as Role ARN. Keep the role for as long as
# the custom cloud exists: it is created, checked, repaired and deleted through it.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "custom_cloud_id" {
  description = "Id of the custom cloud."
  type        = string
  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.custom_cloud_id))
    error_message = "Use the variables file of your custom cloud as it is."
  }
}

variable "stem" {
  description = "What the names of the role and of all resources of the custom cloud start with."
  type        = string
  validation {
    condition     = can(regex("^cce-[0-9a-f]{32}$", var.stem))
    error_message = "Use the variables file of your custom cloud as it is."
  }
}

variable "region" {
  description = "AWS region of the custom cloud. The role can do nothing in any other."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "Use the variables file of your custom cloud as it is."
  }
}

variable "principal" {
  description = "ARN of the one role of the vendor's that may assume this role."
  type        = string
  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_-]+$", var.principal))
    error_message = "Use the variables file of your custom cloud as it is."
  }
}

variable "external_id" {
  description = "External ID of the custom cloud. Nobody gets into this account through the vendor without it."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@:/_-]+$", var.external_id))
    error_message = "Use the variables file of your custom cloud as it is."
  }
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds what the role may do. It can only be set when the role is created."
  type        = string
  default     = null
  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:aws:iam::(aws|[0-9]{12}):policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary))
    error_message = "Use the ARN of an IAM policy: arn:aws:iam::ACCOUNT:policy/NAME."
  }
}

resource "aws_iam_role" "custom_cloud" {
  name                 = "${var.stem}-iam-role"
  description          = "Lets the vendor of the custom cloud manage its network in this account"
  permissions_boundary = var.permissions_boundary

  # One principal, and only with the external ID.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnePrincipalWithTheExternalId"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = var.principal }
        Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "custom_cloud" {
  name = "custom-cloud-network"
  role = aws_iam_role.custom_cloud.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # Read this very role: which version of the template is applied, and whether it was edited.
      {
        Sid    = "ReadThisRoleTemplateV1"
        Effect = "Allow"
        Action = [
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListRolePolicies",
        ]
        Resource = "arn:aws:iam::*:role/${var.stem}-iam-role"
      },
      # Find out what is there: network parts, their settings and tags.
      {
        Sid    = "LookInThisRegion"
        Effect = "Allow"
        Action = [
          "ec2:DescribeAddresses",
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeInternetGateways",
          "ec2:DescribeNatGateways",
          "ec2:DescribeRouteTables",
          "ec2:DescribeSecurityGroupRules",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcAttribute",
          "ec2:DescribeVpcs",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:RequestedRegion" = var.region
          }
        }
      },
      # Tags are set in the call that creates a resource, never afterwards, and only these four keys.
      {
        Sid    = "TagWhileCreating"
        Effect = "Allow"
        Action = "ec2:CreateTags"
        Resource = [
          "arn:aws:ec2:${var.region}:*:elastic-ip/*",
          "arn:aws:ec2:${var.region}:*:internet-gateway/*",
          "arn:aws:ec2:${var.region}:*:natgateway/*",
          "arn:aws:ec2:${var.region}:*:route-table/*",
          "arn:aws:ec2:${var.region}:*:security-group/*",
          "arn:aws:ec2:${var.region}:*:subnet/*",
          "arn:aws:ec2:${var.region}:*:vpc/*",
        ]
        Condition = {
          "ForAllValues:StringEquals" = {
            "aws:TagKeys" = [
              "Name",
              "aiven_custom_cloud_environment_id",
              "aiven_security_group",
              "aiven_subnet",
            ]
          }
          StringEquals = {
            "ec2:CreateAction" = [
              "AllocateAddress",
              "CreateInternetGateway",
              "CreateNatGateway",
              "CreateRouteTable",
              "CreateSecurityGroup",
              "CreateSubnet",
              "CreateVpc",
            ]
          }
        }
      },
      # What is created carries this cloud's name from the start.
      {
        Sid    = "CreateWithThisCloudsName"
        Effect = "Allow"
        Action = [
          "ec2:AllocateAddress",
          "ec2:CreateInternetGateway",
          "ec2:CreateVpc",
        ]
        Resource = [
          "arn:aws:ec2:${var.region}:*:elastic-ip/*",
          "arn:aws:ec2:${var.region}:*:internet-gateway/*",
          "arn:aws:ec2:${var.region}:*:vpc/*",
        ]
        Condition = {
          StringLike = {
            "aws:RequestTag/Name" = "${var.stem}-*"
          }
        }
      },
      # What is created carries this cloud's name from the start.
      {
        Sid      = "CreateSubnetWithThisCloudsName"
        Effect   = "Allow"
        Action   = "ec2:CreateSubnet"
        Resource = "arn:aws:ec2:${var.region}:*:subnet/*"
        Condition = {
          StringLike = {
            "aws:RequestTag/Name" = "${var.stem}-*"
          }
        }
      },
      # What is created carries this cloud's name from the start.
      {
        Sid      = "CreateRouteTableWithThisCloudsName"
        Effect   = "Allow"
        Action   = "ec2:CreateRouteTable"
        Resource = "arn:aws:ec2:${var.region}:*:route-table/*"
        Condition = {
          StringLike = {
            "aws:RequestTag/Name" = "${var.stem}-*"
          }
        }
      },
      # What is created carries this cloud's name from the start.
      {
        Sid      = "CreateSecurityGroupWithThisCloudsName"
        Effect   = "Allow"
        Action   = "ec2:CreateSecurityGroup"
        Resource = "arn:aws:ec2:${var.region}:*:security-group/*"
        Condition = {
          StringLike = {
            "aws:RequestTag/Name" = "${var.stem}-*"
          }
        }
      },
      # The parts of a VPC are created in no other than this cloud's.
      {
        Sid    = "CreateInThisCloudsVpc"
        Effect = "Allow"
        Action = [
          "ec2:CreateRouteTable",
          "ec2:CreateSecurityGroup",
          "ec2:CreateSubnet",
        ]
        Resource = "arn:aws:ec2:${var.region}:*:vpc/*"
        Condition = {
          StringLike = {
            "ec2:ResourceTag/Name" = "${var.stem}-*"
          }
        }
      },
      # What is created carries this cloud's name from the start.
      {
        Sid      = "CreateNatGatewayWithThisCloudsName"
        Effect   = "Allow"
        Action   = "ec2:CreateNatGateway"
        Resource = "arn:aws:ec2:${var.region}:*:natgateway/*"
        Condition = {
          StringLike = {
            "aws:RequestTag/Name" = "${var.stem}-*"
          }
        }
      },
      # NAT gateways use no subnet and no address but this cloud's.
      {
        Sid    = "CreateNatGatewayInThisCloudsSubnets"
        Effect = "Allow"
        Action = "ec2:CreateNatGateway"
        Resource = [
          "arn:aws:ec2:${var.region}:*:elastic-ip/*",
          "arn:aws:ec2:${var.region}:*:subnet/*",
        ]
        Condition = {
          StringLike = {
            "ec2:ResourceTag/Name" = "${var.stem}-*"
          }
        }
      },
      # Connect and configure this cloud's own resources, nothing else's.
      {
        Sid    = "ChangeWhatHasThisCloudsName"
        Effect = "Allow"
        Action = [
          "ec2:AssociateRouteTable",
          "ec2:AttachInternetGateway",
          "ec2:AuthorizeSecurityGroupIngress",
          "ec2:CreateRoute",
          "ec2:ModifySubnetAttribute",
          "ec2:ModifyVpcAttribute",
          "ec2:ReplaceRoute",
          "ec2:ReplaceRouteTableAssociation",
        ]
        Resource = [
          "arn:aws:ec2:${var.region}:*:internet-gateway/*",
          "arn:aws:ec2:${var.region}:*:route-table/*",
          "arn:aws:ec2:${var.region}:*:security-group/*",
          "arn:aws:ec2:${var.region}:*:subnet/*",
          "arn:aws:ec2:${var.region}:*:vpc/*",
        ]
        Condition = {
          StringLike = {
            "ec2:ResourceTag/Name" = "${var.stem}-*"
          }
        }
      },
      # Take this cloud's own resources away again, nothing else's.
      {
        Sid    = "RemoveWhatHasThisCloudsName"
        Effect = "Allow"
        Action = [
          "ec2:DeleteInternetGateway",
          "ec2:DeleteNatGateway",
          "ec2:DeleteRouteTable",
          "ec2:DeleteSecurityGroup",
          "ec2:DeleteSubnet",
          "ec2:DeleteVpc",
          "ec2:DetachInternetGateway",
          "ec2:DisassociateRouteTable",
          "ec2:ReleaseAddress",
          "ec2:RevokeSecurityGroupIngress",
        ]
        Resource = [
          "arn:aws:ec2:${var.region}:*:elastic-ip/*",
          "arn:aws:ec2:${var.region}:*:internet-gateway/*",
          "arn:aws:ec2:${var.region}:*:natgateway/*",
          "arn:aws:ec2:${var.region}:*:route-table/*",
          "arn:aws:ec2:${var.region}:*:security-group/*",
          "arn:aws:ec2:${var.region}:*:subnet/*",
          "arn:aws:ec2:${var.region}:*:vpc/*",
        ]
        Condition = {
          StringLike = {
            "ec2:ResourceTag/Name" = "${var.stem}-*"
          }
        }
      },
    ]
  })
}

output "aws-iam-role-arn" {
  description = "Role ARN to enter for the custom cloud."
  value       = aws_iam_role.custom_cloud.arn
}

# Ingress rules of your own
#
# Security groups other than the custom cloud's own, and address ranges, reach
# its services only through ingress rules that you add. Remove the leading "# "
# from an example below and put your own values in. Before the custom cloud is
# active, its security group does not exist: the examples then plan nothing.
# Once it is Active, the next terraform apply adds the rules. The vendor never
# changes or removes them; deleting the custom cloud removes them with the group.
#
# To change a rule, let Terraform replace it (terraform apply -replace=ADDRESS):
# a change in place needs a permission on the rule itself, which has no name.

# data "aws_security_groups" "workload" {
#   filter {
#     name   = "tag:aiven_custom_cloud_environment_id"
#     values = [var.custom_cloud_id]
#   }
#   filter {
#     name   = "tag:aiven_security_group"
#     values = ["workload"]
#   }
# }

# Example: PostgreSQL from another security group, in this VPC or a peered one.
#
# resource "aws_vpc_security_group_ingress_rule" "from_security_group" {
#   for_each                     = toset(data.aws_security_groups.workload.ids)
#   security_group_id            = each.value
#   referenced_security_group_id = "sg-0123456789abcdef0"
#   ip_protocol                  = "tcp"
#   from_port                    = 5432
#   to_port                      = 5432
# }

# Example: HTTPS from an address range.
#
# resource "aws_vpc_security_group_ingress_rule" "from_range" {
#   for_each          = toset(data.aws_security_groups.workload.ids)
#   security_group_id = each.value
#   cidr_ipv4         = "203.0.113.0/24"
#   ip_protocol       = "tcp"
#   from_port         = 443
#   to_port           = 443
# }
