"""Trust domains with certificates for tests: their keys and certificates are made here, with `cryptography`."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage_of(**on: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )  # fmt: skip
    return x509.KeyUsage(**{each: on.get(each, False) for each in names})


@dataclass
class Authority:
    """Who issues certificates for a trust domain."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, name: str, above: Authority | None = None) -> Authority:
        """Make one, perhaps below another one."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = above.certificate.subject if above else _name(name)
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder().subject_name(_name(name)).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - DAY).not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage_of(key_cert_sign=True, crl_sign=True), critical=True)
        )  # fmt: skip
        return cls(key, builder.sign(above.key if above else key, hashes.SHA256()))

    def jwk(self) -> dict[str, Any]:
        """The authority as a bundle has it."""
        numbers = self.key.public_key().public_numbers()
        x, y = (
            base64.urlsafe_b64encode(each.to_bytes(32)).rstrip(b"=").decode()
            for each in (numbers.x, numbers.y)
        )
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return {
            "use": "x509-svid",
            "kty": "EC",
            "crv": "P-256",
            "x": x,
            "y": y,
            "x5c": [base64.b64encode(der).decode()],
        }

    def issue(
        self, folder: Path, *uris: str, ca: bool = False, ends: datetime.timedelta = DAY,
        usage: x509.KeyUsage | None = None, below: tuple[Authority, ...] = (), server: bool = False,
    ) -> tuple[Path, Path]:  # fmt: skip
        """Make a certificate with these URIs; give the files of it, with those of the authorities `below` the root, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(each) for each in uris]
        if server:
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = (
            x509.CertificateBuilder().subject_name(_name("workload")).issuer_name(self.certificate.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY).not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage or usage_of(digital_signature=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
        )  # fmt: skip
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        found = builder.sign(self.key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        chain = b"".join(
            each.public_bytes(pem) for each in (found, *(one.certificate for one in below))
        )
        stem = f"{found.serial_number:x}"
        certificate, secret = folder / f"{stem}.pem", folder / f"{stem}.key"
        certificate.write_bytes(chain)
        form = serialization.PrivateFormat.PKCS8
        secret.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
        return certificate, secret


def bundle(*authorities: Authority) -> bytes:
    """A bundle with these authorities."""
    return json.dumps({"keys": [each.jwk() for each in authorities]}).encode()
