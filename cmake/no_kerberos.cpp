// The functions of Cyrus SASL that librdkafka's archive asks for. It needs them for Kerberos (GSSAPI) alone; PLAIN,
// SCRAM and OAUTHBEARER are its own. Cyrus is a library of plug-ins that are loaded from the machine, which a program
// that needs nothing installed cannot rely on; so there is no Kerberos, and src/kafka/reader.cpp refuses a feed that
// asks for it.
namespace {
constexpr int kNoMechanism = -4;  // SASL_NOMECH
}

extern "C" {
int sasl_client_init(const void*) { return 0; }  // called by every client
int sasl_client_new(const char*, const char*, const char*, const char*, const void*, unsigned, void**) {
  return kNoMechanism;
}
int sasl_client_start(void*, const char*, void**, const char**, unsigned*, const char**) { return kNoMechanism; }
int sasl_client_step(void*, const char*, unsigned, void**, const char**, unsigned*) { return kNoMechanism; }
void sasl_dispose(void**) {}
const char* sasl_errdetail(void*) { return "this build has no Kerberos"; }
const char* sasl_errstring(int, const char*, const char**) { return "this build has no Kerberos"; }
int sasl_getprop(void*, int, const void**) { return kNoMechanism; }
int sasl_listmech(void*, const char*, const char*, const char*, const char*, const char**, unsigned*, int*) {
  return kNoMechanism;
}
}
