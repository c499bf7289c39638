//! The kind of file that was given instead of a key, in words, with the command to run.

use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::error::Fault;
use crate::limits::{MAX_RSA_BITS, MIN_RSA_BITS};

/// The key or certificate that a caller needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A private key.
    PrivateKey,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
    /// Either of the two.
    PublicKeyOrCertificate,
}

impl Expected {
    pub(super) const fn takes(self, found: Found) -> bool {
        matches!(
            (self, found),
            (Self::PrivateKey, Found::PrivateKey)
                | (Self::PublicKey | Self::PublicKeyOrCertificate, Found::PublicKey)
                | (Self::Certificate | Self::PublicKeyOrCertificate, Found::Certificate)
        )
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "a private key",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
            Self::PublicKeyOrCertificate => "a public key or a certificate",
        })
    }
}

/// The kind of file that was given instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// An empty or blank file.
    Nothing,
    /// A private key.
    PrivateKey,
    /// A private key under a password.
    EncryptedPrivateKey,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
    /// A request for a certificate.
    CertificateRequest,
    /// A PKCS#12 file.
    Pkcs12,
    /// A PKCS#7 bundle of certificates.
    Pkcs7,
    /// Curve parameters without a key.
    CurveParameters,
    /// A JSON Web Key.
    Jwk,
    /// .NET's `<RSAKeyValue>`.
    XmlKey,
    /// A private key of OpenSSH's own format.
    SshPrivateKey,
    /// A public key of SSH's own format.
    SshPublicKey,
    /// A PEM block without its end.
    UnclosedPem,
    /// A PEM block that is not base64 inside.
    DamagedPem,
    /// More bytes than a key has.
    TooLong,
    /// Something else.
    Unrecognised,
}

impl Found {
    /// How well it explains that a file lacks the needed key: of several documents, the highest is
    /// named.
    pub(super) const fn tells(self, expected: Expected) -> u8 {
        match (self, expected) {
            (Self::EncryptedPrivateKey | Self::SshPrivateKey | Self::Pkcs12, Expected::PrivateKey) => 3,
            (Self::UnclosedPem | Self::DamagedPem, _) => 2,
            (Self::CurveParameters, _) => 0,
            _ => 1,
        }
    }

    /// The command that converts it, if there is one.
    const fn remedy(self, expected: Expected) -> Option<&'static str> {
        Some(match (self, expected) {
            (Self::EncryptedPrivateKey, Expected::PrivateKey) => "openssl pkey -in FILE -out key.pem",
            (Self::EncryptedPrivateKey, Expected::PublicKey | Expected::PublicKeyOrCertificate) => {
                "openssl pkey -in FILE -pubout -out public.pem"
            }
            (Self::Pkcs12, Expected::PrivateKey) => {
                "openssl pkcs12 -in FILE -nocerts -nodes -out key.pem (base64 of such a file first goes through base64 -d)"
            }
            (Self::Pkcs12, _) => {
                "openssl pkcs12 -in FILE -nokeys -clcerts -out certificate.pem (base64 of such a file first goes through base64 -d)"
            }
            (Self::Pkcs7, Expected::Certificate | Expected::PublicKeyOrCertificate) => {
                "openssl pkcs7 -in FILE -print_certs -out certificate.pem (DER wants -inform DER besides)"
            }
            (Self::CertificateRequest, Expected::PublicKey | Expected::PublicKeyOrCertificate) => {
                "openssl req -in FILE -noout -pubkey -out public.pem"
            }
            (Self::Jwk, Expected::PrivateKey) => {
                "node -e 'console.log(crypto.createPrivateKey({key:JSON.parse(fs.readFileSync(\"FILE\")),format:\"jwk\"}).export({type:\"pkcs8\",format:\"pem\"}))' > key.pem"
            }
            (Self::Jwk, Expected::PublicKey | Expected::PublicKeyOrCertificate) => {
                "node -e 'console.log(crypto.createPublicKey({key:JSON.parse(fs.readFileSync(\"FILE\")),format:\"jwk\"}).export({type:\"spki\",format:\"pem\"}))' > public.pem"
            }
            (Self::XmlKey, Expected::PrivateKey) => {
                "pwsh -c '$k=[Security.Cryptography.RSA]::Create(); $k.FromXmlString((Get-Content -Raw FILE)); $k.ExportPkcs8PrivateKeyPem()' > key.pem"
            }
            (Self::XmlKey, Expected::PublicKey | Expected::PublicKeyOrCertificate) => {
                "pwsh -c '$k=[Security.Cryptography.RSA]::Create(); $k.FromXmlString((Get-Content -Raw FILE)); $k.ExportSubjectPublicKeyInfoPem()' > public.pem"
            }
            (Self::SshPrivateKey, Expected::PrivateKey) => "cp FILE key.pem && ssh-keygen -p -N '' -m PKCS8 -f key.pem",
            (Self::SshPublicKey, Expected::PublicKey | Expected::PublicKeyOrCertificate) => {
                "ssh-keygen -e -m PKCS8 -f FILE > public.pem"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "this is empty",
            Self::PrivateKey => "this is a private key",
            Self::EncryptedPrivateKey => "this is a private key under a password",
            Self::PublicKey => "this is a public key",
            Self::Certificate => "this is a certificate",
            Self::CertificateRequest => "this is a certificate request",
            Self::Pkcs12 => "this is a PKCS#12 file",
            Self::Pkcs7 => "this is a PKCS#7 bundle of certificates",
            Self::CurveParameters => "this holds curve parameters only",
            Self::Jwk => "this is a JSON Web Key",
            Self::XmlKey => "this is .NET's XML of an RSA key",
            Self::SshPrivateKey => "this is a private key in OpenSSH's own format",
            Self::SshPublicKey => "this is a public key in SSH's own format",
            Self::UnclosedPem => "this is a PEM block without its END line",
            Self::DamagedPem => "this is a PEM block whose inside is not base64",
            Self::TooLong => "this is longer than any key",
            Self::Unrecognised => "this is neither PEM, nor base64, nor DER, nor hexadecimal of a key",
        })
    }
}

/// Object identifier of an algorithm or of a curve. Its text is the dotted form, such as
/// `1.2.840.10045.3.1.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlgorithmOid(pub(super) ObjectIdentifier);

impl fmt::Display for AlgorithmOid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why no key could be read. The input is never quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file is of another kind than needed. If a program converts it, the text names the
    /// command.
    #[error("{found}; {expected} is needed{}", Remedy(.found.remedy(*.expected)))]
    Mismatch {
        /// The kind of file.
        found: Found,
        /// The needed kind.
        expected: Expected,
    },
    /// An RSA modulus outside the bounds.
    #[error("this RSA key has {bits} bits; keys from {MIN_RSA_BITS} to {MAX_RSA_BITS} bits are taken")]
    RsaSize {
        /// Its length, in bits.
        bits: usize,
    },
    /// A key of another algorithm or curve.
    #[error("this key's algorithm is {oid}; RSA or SM2 is needed, and this build has to have its feature")]
    Algorithm {
        /// Object identifier of the algorithm, or of the curve.
        oid: AlgorithmOid,
    },
    /// An elliptic-curve key whose curve is in numbers, and those are not SM2's.
    #[error("this key's curve is written out, and it is not SM2's; RSA or SM2 is needed")]
    WrittenOutCurve,
    /// The right kind of key, but its numbers or curves do not fit each other, or (RSA) its primes
    /// have unequal length, which the backends do not accept.
    #[error("this key is damaged or of an unusual make: its numbers do not fit each other")]
    Damaged,
}

impl KeyError {
    /// The side at fault: the source of the key. There is no `failure()`: a key is read
    /// before any call, except those in a list of certificates, whose error has one.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        Fault::Caller
    }
}

struct Remedy(Option<&'static str>);

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |command| write!(f, ". Run: {command}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_kind_is_told_in_words() {
        for (found, told) in [
            (Found::Nothing, "empty"),
            (Found::PrivateKey, "a private key"),
            (Found::EncryptedPrivateKey, "a private key under a password"),
            (Found::PublicKey, "a public key"),
            (Found::Certificate, "a certificate"),
            (Found::CertificateRequest, "a certificate request"),
            (Found::Pkcs12, "a PKCS#12 file"),
            (Found::Pkcs7, "a PKCS#7 bundle"),
            (Found::CurveParameters, "curve parameters only"),
            (Found::Jwk, "a JSON Web Key"),
            (Found::XmlKey, "XML of an RSA key"),
            (Found::SshPrivateKey, "a private key in OpenSSH's own format"),
            (Found::SshPublicKey, "a public key in SSH's own format"),
            (Found::UnclosedPem, "without its END line"),
            (Found::DamagedPem, "not base64"),
            (Found::TooLong, "longer than any key"),
            (Found::Unrecognised, "neither PEM, nor base64, nor DER, nor hexadecimal"),
        ] {
            let error = KeyError::Mismatch { found, expected: Expected::PublicKeyOrCertificate };
            let text = error.to_string();
            assert!(text.contains(told) && text.contains("a public key or a certificate"), "{found:?}: {text}");
            assert_eq!(error.fault(), Fault::Caller);
        }
    }

    #[test]
    fn a_convertible_file_names_its_command() {
        let says = |found, expected| KeyError::Mismatch { found, expected }.to_string();
        for (found, command) in [
            (Found::EncryptedPrivateKey, "openssl pkey -in FILE -out key.pem"),
            (
                Found::Pkcs12,
                "openssl pkcs12 -in FILE -nocerts -nodes -out key.pem (base64 of such a file first goes through base64 -d)",
            ),
            (Found::Jwk, "createPrivateKey"),
            (Found::XmlKey, "ExportPkcs8PrivateKeyPem"),
            (Found::SshPrivateKey, "ssh-keygen -p -N '' -m PKCS8"),
        ] {
            assert!(says(found, Expected::PrivateKey).contains("is needed. Run: "), "{found:?}");
            assert!(says(found, Expected::PrivateKey).contains(command), "{found:?}");
        }
        for (found, command) in [
            (Found::Pkcs12, "openssl pkcs12 -in FILE -nokeys -clcerts"),
            (Found::CertificateRequest, "openssl req -in FILE -noout -pubkey"),
            (Found::Jwk, "createPublicKey"),
            (Found::XmlKey, "ExportSubjectPublicKeyInfoPem"),
            (Found::SshPublicKey, "ssh-keygen -e -m PKCS8"),
        ] {
            assert!(says(found, Expected::PublicKey).contains(command), "{found:?}");
        }
        assert_eq!(
            says(Found::SshPublicKey, Expected::PrivateKey),
            "this is a public key in SSH's own format; a private key is needed"
        );
    }
}
